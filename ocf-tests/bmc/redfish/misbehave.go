package redfish

import (
	"net/http"
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
	Ends  End    // what ends a call that must fail
	set   func(s *Service, h *hooks)
}

// End is what ends a call.
type End int

// The ends.
const (
	Itself         End = iota
	ByPowerTimeout     // the agent waits as long as it may
	BySilence          // the controller does not answer
)

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
		{Name: "honest", Works: true},
		{Name: "says Off while on until the command", Works: true, set: func(s *Service, h *hooks) {
			h.power = func(int) string {
				if s.Resets() > 0 && s.On() {
					return `"On"`
				}
				return `"Off"`
			}
		}},
		{Name: "says Off at the command, obeys later", Works: true, set: func(s *Service, h *hooks) {
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
		{Name: "flips", Says: "contradicts itself", set: func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, _ string) bool { w.WriteHeader(204); return true }
			h.power = func(n int) string { return []string{`"On"`, `"Off"`}[n%2] }
		}},
		{Name: "PoweringOff for ever", Says: "PoweringOff", Ends: ByPowerTimeout, set: func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, _ string) bool { w.WriteHeader(204); return true }
			h.power = func(int) string {
				if s.Resets() > 0 {
					return `"PoweringOff"`
				}
				return `"On"`
			}
		}},
		{Name: "Paused for ever", Says: "not seen off", Ends: ByPowerTimeout, set: says(`"Paused"`)},
		{Name: "PowerState null", Says: "PowerState is not a string but null", set: says(`null`)},
		{Name: "PowerState a number", Says: "PowerState is not a string but 0", set: says(`0`)},
		{Name: "PowerState false", Says: "PowerState is not a string but false", set: says(`false`)},
		{Name: "PowerState in lower case", Says: `PowerState is "off"`, set: says(`"off"`)},
		{Name: "PowerState with a space", Says: `PowerState is "Off "`, set: says(`"Off "`)},
		{Name: "PowerState missing", Says: "PowerState is missing", set: says(``)},
		{Name: "PowerState unknown", Says: `PowerState is "Unknown"`, set: says(`"Unknown"`)},
		{Name: "PowerState twice", Says: "twice", set: func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool {
				_, _ = w.Write([]byte(`{"@odata.id":"` + system + `","PowerState":"On","PowerState":"Off"}`))
				return true
			}
		}},
		{Name: "turns on again once", Works: true, set: func(s *Service, h *hooks) {
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
		{Name: "turns on again each time", Says: "contradicts itself", set: func(s *Service, h *hooks) {
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
		{Name: "200 without effect", Says: "not seen off", Ends: ByPowerTimeout, set: answers(200, "")},
		{Name: "204 without effect", Says: "not seen off", Ends: ByPowerTimeout, set: answers(204, "")},
		{Name: "reset forbidden", Says: "correct privileges", set: answers(403, "Base.1.8.InsufficientPrivilege")},
		{Name: "reset fails", Says: "has failed (status 500)", Ends: ByPowerTimeout, set: answers(500, "Base.1.8.InternalError")},
		{Name: "refused as off while on", Says: "is refused (status 409)", Ends: ByPowerTimeout, set: answers(409, "Base.1.8.ActionNotSupported")},
		{Name: "slow to obey", Works: true, set: func(s *Service, h *hooks) {
			h.reset = func(w http.ResponseWriter, _ *http.Request, typ string) bool {
				if typ != "ForceOff" {
					return false
				}
				s.setAfter(slowTime, false)
				w.WriteHeader(http.StatusNoContent)
				return true
			}
		}},
		{Name: "graceful only", Says: "cannot fence", set: func(_ *Service, h *hooks) { h.allowed = []string{"On", "GracefulShutdown", "PushPowerButton"} }},
		{Name: "graceful only, and says Off", Says: "cannot fence", set: func(s *Service, h *hooks) {
			h.allowed = []string{"On", "GracefulShutdown"}
			h.power = func(int) string { return `"Off"` }
		}},
		{Name: "AllowableValues empty", Works: true, set: func(_ *Service, h *hooks) { h.allowed = []string{} }},
		{Name: "AllowableValues missing", Works: true, set: func(_ *Service, h *hooks) { h.allowed = nil }},
		{Name: "reset types in an ActionInfo", Works: true, set: func(_ *Service, h *hooks) { h.hasInfo = true }},
		{Name: "no reset at all", Says: "does not offer #ComputerSystem.Reset", Ends: ByPowerTimeout, set: func(_ *Service, h *hooks) { h.document = func(doc map[string]any) { delete(doc, "Actions") } }},
		{Name: "ETag required (412)", Works: true, set: func(_ *Service, h *hooks) { h.needETag = http.StatusPreconditionFailed }},
		{Name: "ETag required (428)", Works: true, set: func(_ *Service, h *hooks) { h.needETag = http.StatusPreconditionRequired }},
		{Name: "503 with Retry-After at times", Works: true, set: func(_ *Service, h *hooks) {
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
		{Name: "503 for an hour", Says: "the controller is busy and asks to come back after 1h0m0s", set: func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Retry-After", "3600")
				complain(w, http.StatusServiceUnavailable, "Base.1.8.ServiceTemporarilyUnavailable")
				return true
			}
		}},
		{Name: "task", Works: true, set: task(true, func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) })},
		{Name: "task that never ends", Works: true, set: task(true, func(w http.ResponseWriter) {
			write(w, http.StatusAccepted, map[string]any{"TaskState": "Running"})
		})},
		{Name: "task that is lost", Works: true, set: task(true, func(w http.ResponseWriter) { complain(w, http.StatusNotFound, "Base.1.8.ResourceMissingAtURI") })},
		{Name: "task that fails", Says: "the task has failed: Exception", Ends: ByPowerTimeout, set: task(false, func(w http.ResponseWriter) {
			write(w, http.StatusOK, map[string]any{"TaskState": "Exception", "TaskStatus": "Critical"})
		})},
		{Name: "task that says it is done", Says: "not seen off", Ends: ByPowerTimeout, set: task(false, func(w http.ResponseWriter) {
			write(w, http.StatusOK, map[string]any{"TaskState": "Completed", "TaskStatus": "OK"})
		})},
		{Name: "gone for a while after off", Works: true, set: func(s *Service, h *hooks) {
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
		{Name: "sessions end in the middle", Works: true, set: func(s *Service, h *hooks) {
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
		{Name: "a certificate of the factory", Works: true, set: func(_ *Service, h *hooks) { h.nameless = true }},
		{Name: "wrong password", Says: "does not know the user or the password", set: func(_ *Service, h *hooks) {
			h.login, h.noBasic = refuseLogin(401, "Base.1.8.UnauthorizedLoginAttempt"), true
		}},
		{Name: "password must be changed", Says: "the password must be changed first", set: func(_ *Service, h *hooks) {
			h.login = refuseLogin(403, "Base.1.8.PasswordChangeRequired")
		}},
		{Name: "no session left", Works: true, set: func(_ *Service, h *hooks) { h.login = refuseLogin(503, "Base.1.8.SessionLimitExceeded") }},
		{Name: "no session left and no basic authentication", Says: "no session left", set: func(_ *Service, h *hooks) {
			h.login, h.noBasic = refuseLogin(503, "Base.1.8.SessionLimitExceeded"), true
		}},
		{Name: "no sessions", Works: true, set: func(_ *Service, h *hooks) { h.login = refuseLogin(405, "Base.1.8.OperationNotAllowed") }},
		{Name: "a session without a token", Works: true, set: func(_ *Service, h *hooks) {
			h.login = func(w http.ResponseWriter, _ *http.Request) bool { write(w, 201, map[string]any{}); return true }
		}},
		{Name: "repeats the password in an error", Says: "***", set: func(_ *Service, h *hooks) {
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
		{Name: "HTML with status 200", Says: "not a JSON object", set: body("<html><body>Off</body></html>")},
		{Name: "empty body", Says: "the body is empty", set: body("")},
		{Name: "broken JSON", Says: "the JSON cannot be read", set: body(`{"PowerState":"Off","x":}`)},
		{Name: "more JSON than one", Says: "goes on", set: body(`{"PowerState":"Off"}{"PowerState":"Off"}`)},
		{Name: "truncated", Says: "breaks off", set: func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Length", "5000")
				_, _ = w.Write([]byte(`{"PowerState":"Off"}`))
				return true
			}
		}},
		{Name: "huge", Says: "larger than", set: body(`{"PowerState":"Off","x":"` + strings.Repeat("x", 3<<20) + `"}`)},
		{Name: "endless", Ends: BySilence, set: func(_ *Service, h *hooks) {
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
		{Name: "silent", Ends: BySilence, set: func(_ *Service, h *hooks) {
			h.raw = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
		}},
		{Name: "silent after the command", Says: "not seen off", Ends: BySilence, set: func(s *Service, h *hooks) {
			h.raw = func(_ http.ResponseWriter, r *http.Request) bool {
				if s.Resets() > 0 {
					<-r.Context().Done()
				}
				return s.Resets() > 0
			}
		}},
		{Name: "another resource", Says: "answers with another resource", set: func(_ *Service, h *hooks) {
			h.document = func(doc map[string]any) { doc["@odata.id"] = systems + "/node8" }
			h.power = func(int) string { return `"Off"` }
		}},
		{Name: "a chassis", Says: "no ComputerSystem", set: func(_ *Service, h *hooks) {
			h.document = func(doc map[string]any) { doc["@odata.type"] = "#Chassis.v1_10_0.Chassis" }
		}},
		{Name: "not modified", Says: "status 304", set: func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusNotModified); return true }
		}},
		{Name: "behind a cache", Works: true, set: func(s *Service, h *hooks) {
			h.power = func(int) string { return `"Off"` } // of the night before
			h.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.Header.Get("Cache-Control"), "no-cache") {
					h.power = nil
				}
				return false
			}
		}},
		{Name: "behind a cache that does not care", Says: "out of a cache", set: func(_ *Service, h *hooks) {
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
		{Name: "two systems", Says: systems + "/node7, " + systems + "/node8", set: func(_ *Service, h *hooks) { h.members = []string{system, systems + "/node8"} }},
		{Name: "no system", Says: "has no machine", set: func(_ *Service, h *hooks) { h.members = []string{} }},
		{Name: "system at another host", Says: "leads to another place", set: func(_ *Service, h *hooks) { h.members = []string{"https://192.0.2.1" + system} }},
		{Name: "reset at another host", Says: "leads to another place", Ends: ByPowerTimeout, set: func(_ *Service, h *hooks) {
			h.document = func(doc map[string]any) {
				doc["Actions"] = map[string]any{"#ComputerSystem.Reset": map[string]any{"target": "https://192.0.2.1" + reset}}
			}
		}},
		{Name: "redirects to the slash", Works: true, set: redirect(slash, http.StatusPermanentRedirect, root, systems, system, reset)},
		{Name: "redirects in a loop", Says: "from one address to the next", set: redirect(func(r *http.Request) string { return r.URL.Path }, http.StatusFound, system)},
		{Name: "redirects elsewhere", Says: "leads to another place", set: redirect(func(*http.Request) string { return "https://" + Elsewhere + system }, http.StatusTemporaryRedirect, system)},
		{Name: "redirects the reset elsewhere", Says: "leads to another place", Ends: ByPowerTimeout, set: redirect(func(*http.Request) string { return "https://" + Elsewhere + reset }, http.StatusTemporaryRedirect, reset)},
		{Name: "redirects to plain HTTP", Says: "leads to another place", set: redirect(func(r *http.Request) string { return "http://" + r.Host + r.URL.Path }, http.StatusMovedPermanently, root)},
		{Name: "no Redfish", Says: "no Redfish service", set: func(_ *Service, h *hooks) {
			h.before = func(w http.ResponseWriter, _ *http.Request) bool {
				write(w, 200, map[string]any{"hello": 1})
				return true
			}
		}},
		{Name: "status 418", Says: "status 418", set: func(_ *Service, h *hooks) {
			h.raw = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusTeapot); return true }
		}},
	}
}

// Elsewhere is an address of loopback at which nothing listens.
const Elsewhere = "127.0.0.1:1"
