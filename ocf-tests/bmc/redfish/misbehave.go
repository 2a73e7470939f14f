package redfish

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Times of what happens by itself. They are far from the second over which an agent
// makes sure, so that no result hangs on a race.
const (
	cycleTime = 1500 * time.Millisecond
	slowTime  = 2500 * time.Millisecond
	soonAgain = 400 * time.Millisecond
)

// Misbehaviour is a way of a controller not to be a good one.
type Misbehaviour struct {
	Name  string
	Works bool   // off and reboot can be done with it, and must be
	Says  string // what the agent must say when it cannot; "" with Works
	set   func(s *Service, h *hooks)
}

// Misbehaviours are all of them.
func Misbehaviours() []Misbehaviour {
	var list []Misbehaviour
	for _, part := range [][]Misbehaviour{powers(), commands(), logins(), bodies(), places()} {
		list = append(list, part...)
	}
	return list
}

func says(text string) func(*Service, *hooks) {
	return func(_ *Service, h *hooks) { h.power = func(int) string { return text } }
}

// powers lie about the power.
func powers() []Misbehaviour {
	return []Misbehaviour{
		{"honest", true, "", nil},
		{"says Off while on until the command", true, "", func(s *Service, h *hooks) {
			h.power = func(int) string {
				if s.Resets() > 0 && s.On() {
					return `"On"`
				}
				return `"Off"`
			}
		}},
		{"says Off at the command, obeys later", true, "", func(s *Service, h *hooks) {
			var off atomic.Bool
			h.power = func(int) string {
				if off.Load() {
					return `"Off"`
				}
				return `"On"`
			}
			h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
				off.Store(typ == "ForceOff")
				if typ == "ForceOff" {
					s.setAfter(soonAgain, false)
				} else {
					s.obey(typ)
				}
				w.WriteHeader(http.StatusNoContent)
				return true
			}
		}},
		{"flips", false, "contradicts itself", func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, _ string) bool { w.WriteHeader(204); return true }
			h.power = func(n int) string { return []string{`"On"`, `"Off"`}[n%2] }
		}},
		{"PoweringOff for ever", false, "PoweringOff", func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, _ string) bool { w.WriteHeader(204); return true }
			h.power = func(int) string {
				if s.Resets() > 0 {
					return `"PoweringOff"`
				}
				return `"On"`
			}
		}},
		{"Paused for ever", false, "not seen off", says(`"Paused"`)},
		{"PowerState null", false, "PowerState is not a string but null", says(`null`)},
		{"PowerState a number", false, "PowerState is not a string but 0", says(`0`)},
		{"PowerState false", false, "PowerState is not a string but false", says(`false`)},
		{"PowerState in lower case", false, `PowerState is "off"`, says(`"off"`)},
		{"PowerState with a space", false, `PowerState is "Off "`, says(`"Off "`)},
		{"PowerState missing", false, "PowerState is missing", says(``)},
		{"PowerState unknown", false, `PowerState is "Unknown"`, says(`"Unknown"`)},
		{"PowerState twice", false, "twice", func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool {
				_, _ = w.Write([]byte(`{"@odata.id":"` + system + `","PowerState":"On","PowerState":"Off"}`))
				return true
			}
		}},
		{"turns on again once", true, "", func(s *Service, h *hooks) {
			var done atomic.Bool
			h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
				s.obey(typ)
				if typ == "ForceOff" && !done.Swap(true) {
					s.setAfter(soonAgain, true)
				}
				w.WriteHeader(http.StatusNoContent)
				return true
			}
		}},
		{"turns on again each time", false, "contradicts itself", func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
				s.obey(typ)
				if typ == "ForceOff" {
					s.setAfter(soonAgain, true)
				}
				w.WriteHeader(http.StatusNoContent)
				return true
			}
		}},
	}
}

// answers makes resets be answered so, without effect.
func answers(code int, id string) func(*Service, *hooks) {
	return func(_ *Service, h *hooks) {
		h.reset = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			if code < 300 {
				w.WriteHeader(code)
			} else {
				complain(w, code, id)
			}
			return true
		}
	}
}

// task makes resets tasks, with an answer of their monitor.
func task(effect bool, monitor func(w http.ResponseWriter)) func(*Service, *hooks) {
	return func(s *Service, h *hooks) {
		h.tasking = monitor
		h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
			if effect {
				s.obey(typ)
			}
			w.Header().Set("Location", tasks+"/1")
			write(w, http.StatusAccepted, map[string]any{"@odata.id": root + "/TaskService/Tasks/1", "TaskState": "Running"})
			return true
		}
	}
}

// commands do with a reset what they like.
func commands() []Misbehaviour {
	return []Misbehaviour{
		{"200 without effect", false, "not seen off", answers(200, "")},
		{"204 without effect", false, "not seen off", answers(204, "")},
		{"reset forbidden", false, "correct privileges", answers(403, "Base.1.8.InsufficientPrivilege")},
		{"reset fails", false, "has failed (status 500)", answers(500, "Base.1.8.InternalError")},
		{"refused as off while on", false, "is refused (status 409)", answers(409, "Base.1.8.ActionNotSupported")},
		{"slow to obey", true, "", func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
				if typ != "ForceOff" {
					return false
				}
				s.setAfter(slowTime, false)
				w.WriteHeader(http.StatusNoContent)
				return true
			}
		}},
		{"graceful only", false, "cannot fence", func(_ *Service, h *hooks) { h.allowed = []string{"On", "GracefulShutdown", "PushPowerButton"} }},
		{"graceful only, and says Off", false, "cannot fence", func(s *Service, h *hooks) {
			h.allowed = []string{"On", "GracefulShutdown"}
			h.power = func(int) string { return `"Off"` }
		}},
		{"AllowableValues empty", true, "", func(_ *Service, h *hooks) { h.allowed = []string{} }},
		{"AllowableValues missing", true, "", func(_ *Service, h *hooks) { h.allowed = nil }},
		{"reset types in an ActionInfo", true, "", func(_ *Service, h *hooks) { h.hasInfo = true }},
		{"no reset at all", false, "does not offer #ComputerSystem.Reset", func(_ *Service, h *hooks) { h.document = func(doc map[string]any) { delete(doc, "Actions") } }},
		{"ETag required (412)", true, "", func(_ *Service, h *hooks) { h.needETag = http.StatusPreconditionFailed }},
		{"ETag required (428)", true, "", func(_ *Service, h *hooks) { h.needETag = http.StatusPreconditionRequired }},
		{"503 with Retry-After at times", true, "", func(_ *Service, h *hooks) {
			var n atomic.Int32
			h.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost || r.URL.Path != reset || n.Add(1) != 1 {
					return false
				}
				w.Header().Set("Retry-After", "1")
				complain(w, http.StatusServiceUnavailable, "Base.1.8.ServiceTemporarilyUnavailable")
				return true
			}
		}},
		{"503 for an hour", false, "the controller is busy and asks to come back after 1h0m0s", func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "3600")
				complain(w, http.StatusServiceUnavailable, "Base.1.8.ServiceTemporarilyUnavailable")
				return true
			}
		}},
		{"task", true, "", task(true, func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) })},
		{"task that never ends", true, "", task(true, func(w http.ResponseWriter) {
			write(w, http.StatusAccepted, map[string]any{"TaskState": "Running"})
		})},
		{"task that is lost", true, "", task(true, func(w http.ResponseWriter) { complain(w, http.StatusNotFound, "Base.1.8.ResourceMissingAtURI") })},
		{"task that fails", false, "the task has failed: Exception", task(false, func(w http.ResponseWriter) {
			write(w, http.StatusOK, map[string]any{"TaskState": "Exception", "TaskStatus": "Critical"})
		})},
		{"task that says it is done", false, "not seen off", task(false, func(w http.ResponseWriter) {
			write(w, http.StatusOK, map[string]any{"TaskState": "Completed", "TaskStatus": "OK"})
		})},
		{"gone for a while after off", true, "", func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
				s.obey(typ)
				w.WriteHeader(http.StatusNoContent)
				if typ == "ForceOff" {
					s.vanish(1500 * time.Millisecond)
				}
				return true
			}
		}},
	}
}

func refuseLogin(code int, id string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool { complain(w, code, id); return true }
}

// logins have their own idea of who may do what.
func logins() []Misbehaviour {
	return []Misbehaviour{
		{"sessions end in the middle", true, "", func(s *Service, h *hooks) {
			var n atomic.Int32
			h.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == system && n.Add(1)%4 == 0 {
					s.mu.Lock()
					clear(s.sessions)
					s.mu.Unlock()
				}
				return false
			}
		}},
		{"wrong password", false, "does not know the user or the password", func(_ *Service, h *hooks) {
			h.login, h.noBasic = refuseLogin(401, "Base.1.8.UnauthorizedLoginAttempt"), true
		}},
		{"password must be changed", false, "the password must be changed first", func(_ *Service, h *hooks) {
			h.login = refuseLogin(403, "Base.1.8.PasswordChangeRequired")
		}},
		{"no session left", true, "", func(_ *Service, h *hooks) { h.login = refuseLogin(503, "Base.1.8.SessionLimitExceeded") }},
		{"no session left and no basic authentication", false, "no session left", func(_ *Service, h *hooks) {
			h.login, h.noBasic = refuseLogin(503, "Base.1.8.SessionLimitExceeded"), true
		}},
		{"no sessions", true, "", func(_ *Service, h *hooks) { h.login = refuseLogin(405, "Base.1.8.OperationNotAllowed") }},
		{"a session without a token", true, "", func(_ *Service, h *hooks) {
			h.login = func(w http.ResponseWriter, _ *http.Request) bool { write(w, 201, map[string]any{}); return true }
		}},
		{"repeats the password in an error", false, "***", func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, r *http.Request) bool {
				complain(w, 400, "Oem.1.0."+Password+" "+r.Header.Get("X-Auth-Token"))
				return true
			}
		}},
	}
}

func body(text string) func(*Service, *hooks) {
	return func(_ *Service, h *hooks) {
		h.raw = func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte(text)); return true }
	}
}

// bodies are no documents.
func bodies() []Misbehaviour {
	return []Misbehaviour{
		{"HTML with status 200", false, "not a JSON object", body("<html><body>Off</body></html>")},
		{"empty body", false, "the body is empty", body("")},
		{"broken JSON", false, "the JSON cannot be read", body(`{"PowerState":"Off","x":}`)},
		{"more JSON than one", false, "goes on", body(`{"PowerState":"Off"}{"PowerState":"Off"}`)},
		{"truncated", false, "breaks off", func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Length", "5000")
				_, _ = w.Write([]byte(`{"PowerState":"Off"}`))
				return true
			}
		}},
		{"huge", false, "larger than", body(`{"PowerState":"Off","x":"` + strings.Repeat("x", 3<<20) + `"}`)},
		{"endless", false, "", func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, r *http.Request) bool {
				_, _ = w.Write([]byte(`{"PowerState":"Off"`))
				for r.Context().Err() == nil {
					if _, err := w.Write([]byte("   ")); err != nil {
						return true
					}
					_ = http.NewResponseController(w).Flush()
					time.Sleep(20 * time.Millisecond)
				}
				return true
			}
		}},
		{"silent", false, "", func(_ *Service, h *hooks) {
			h.raw = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
		}},
		{"another resource", false, "answers with another resource", func(_ *Service, h *hooks) {
			h.document = func(doc map[string]any) { doc["@odata.id"] = systems + "/node8" }
			h.power = func(int) string { return `"Off"` }
		}},
		{"a chassis", false, "no ComputerSystem", func(_ *Service, h *hooks) {
			h.document = func(doc map[string]any) { doc["@odata.type"] = "#Chassis.v1_10_0.Chassis" }
		}},
		{"not modified", false, "status 304", func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusNotModified); return true }
		}},
		{"behind a cache", true, "", func(s *Service, h *hooks) {
			h.power = func(int) string { return `"Off"` } // of the night before
			h.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.Header.Get("Cache-Control"), "no-cache") {
					h.power = nil
				}
				return false
			}
		}},
		{"behind a cache that does not care", false, "out of a cache", func(_ *Service, h *hooks) {
			h.power = func(int) string { return `"Off"` }
			h.document = func(map[string]any) {}
			h.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == system {
					w.Header().Set("Age", "17")
				}
				return false
			}
		}},
	}
}

func redirect(to func(*http.Request) string, code int, where ...string) func(*Service, *hooks) {
	return func(_ *Service, h *hooks) {
		h.before = func(w http.ResponseWriter, r *http.Request) bool {
			for _, p := range where {
				if r.URL.Path == p {
					http.Redirect(w, r, to(r), code)
					return true
				}
			}
			return false
		}
	}
}

// places lead away, or to several machines.
func places() []Misbehaviour {
	slash := func(r *http.Request) string { return r.URL.Path + "/" }
	return []Misbehaviour{
		{"two systems", false, systems + "/node7, " + systems + "/node8", func(_ *Service, h *hooks) { h.members = []string{system, systems + "/node8"} }},
		{"no system", false, "has no machine", func(_ *Service, h *hooks) { h.members = []string{} }},
		{"system at another host", false, "leads to another place", func(_ *Service, h *hooks) { h.members = []string{"https://192.0.2.1" + system} }},
		{"reset at another host", false, "leads to another place", func(_ *Service, h *hooks) {
			h.document = func(doc map[string]any) {
				doc["Actions"] = map[string]any{"#ComputerSystem.Reset": map[string]any{"target": "https://192.0.2.1" + reset}}
			}
		}},
		{"redirects to the slash", true, "", redirect(slash, http.StatusPermanentRedirect, root, systems, system, reset)},
		{"redirects in a loop", false, "from one address to the next", redirect(func(r *http.Request) string { return r.URL.Path }, http.StatusFound, system)},
		{"redirects elsewhere", false, "leads to another place", redirect(func(*http.Request) string { return "https://" + Elsewhere + system }, http.StatusTemporaryRedirect, system)},
		{"redirects the reset elsewhere", false, "leads to another place", redirect(func(*http.Request) string { return "https://" + Elsewhere + reset }, http.StatusTemporaryRedirect, reset)},
		{"redirects to plain HTTP", false, "leads to another place", redirect(func(r *http.Request) string { return "http://" + r.Host + r.URL.Path }, http.StatusMovedPermanently, root)},
		{"no Redfish", false, "no Redfish service", func(_ *Service, h *hooks) {
			h.before = func(w http.ResponseWriter, _ *http.Request) bool { write(w, 200, map[string]any{"hello": 1}); return true }
		}},
		{"status 418", false, "status " + strconv.Itoa(http.StatusTeapot), func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusTeapot); return true }
		}},
	}
}

// Elsewhere is an address of loopback at which nothing listens.
const Elsewhere = "127.0.0.1:1"
