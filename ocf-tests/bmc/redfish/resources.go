package redfish

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
)

const (
	root     = "/redfish/v1"
	sessions = root + "/SessionService/Sessions"
	systems  = root + "/Systems"
	system   = systems + "/node7"
	reset    = system + "/Actions/ComputerSystem.Reset"
	info     = system + "/ResetActionInfo"
	tasks    = root + "/TaskService/Monitors"
)

// hooks are where a misbehaviour gets in. Each may be nil.
type hooks struct {
	// before may answer any request; true: it has.
	before func(w http.ResponseWriter, r *http.Request) bool
	// power is what is said of the power, as JSON; n counts the questions.
	power func(n int) string
	// document changes that of the machine.
	document func(doc map[string]any)
	// raw answers the question for the machine in place of a document.
	raw func(w http.ResponseWriter, r *http.Request) bool
	// reset does a reset, or does not, and answers; false: it is left to the honest way.
	reset func(w http.ResponseWriter, r *http.Request, typ string) bool
	// login answers the making of a session.
	login func(w http.ResponseWriter, r *http.Request) bool

	allowed  []string // reset types; nil: not said
	noBasic  bool
	nameless bool     // the certificate is for no name, and too old
	members  []string // of the collection; nil: the machine alone
	hasInfo  bool     // reset types stand in an ActionInfo
	tasking  func(w http.ResponseWriter)
	needETag int // status that a reset without If-Match gets
}

func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	if s.hooks.before != nil && s.hooks.before(w, r) {
		return
	}
	if r.Header.Get("Accept") == "" || r.Header.Get("OData-Version") == "" {
		complain(w, http.StatusNotAcceptable, "Base.1.8.GeneralError")
		return
	}
	where := strings.TrimSuffix(r.URL.Path, "/")
	switch {
	case where == root:
		write(w, 200, map[string]any{
			"@odata.id": root, "RedfishVersion": "1.6.0", "Systems": link(systems),
			"SessionService": link(root + "/SessionService"), "Links": map[string]any{"Sessions": link(sessions)},
		})
		return
	case where == sessions && r.Method == http.MethodPost:
		s.makeSession(w, r)
		return
	case !s.knows(r):
		complain(w, http.StatusUnauthorized, "Base.1.8.NoValidSession")
		return
	}
	s.authorised(w, r, where)
}

func (s *Service) authorised(w http.ResponseWriter, r *http.Request, where string) {
	switch {
	case path.Dir(where) == sessions && r.Method == http.MethodDelete:
		s.mu.Lock()
		for token, id := range s.sessions {
			if id == path.Base(where) {
				delete(s.sessions, token)
			}
		}
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case where == systems && r.Method == http.MethodGet:
		list := []any{}
		for _, m := range append([]string{}, s.members()...) {
			list = append(list, link(m))
		}
		write(w, 200, map[string]any{"@odata.id": systems, "Members": list, "Members@odata.count": len(list)})
	case where == system && r.Method == http.MethodGet:
		s.answerSystem(w, r)
	case where == info && r.Method == http.MethodGet:
		write(w, 200, map[string]any{"@odata.id": info, "Parameters": []any{map[string]any{"Name": "ResetType", "Required": true, "AllowableValues": s.hooks.allowed}}})
	case where == reset && r.Method == http.MethodPost:
		s.answerReset(w, r)
	case strings.HasPrefix(where, tasks) && s.hooks.tasking != nil:
		s.hooks.tasking(w)
	default:
		complain(w, http.StatusNotFound, "Base.1.8.ResourceMissingAtURI")
	}
}

func (s *Service) members() []string {
	if s.hooks.members != nil {
		return s.hooks.members
	}
	return []string{system}
}

func (s *Service) knows(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.sessions[r.Header.Get("X-Auth-Token")]; ok {
		return true
	}
	user, password, ok := r.BasicAuth()
	return ok && user == User && password == Password && !s.hooks.noBasic
}

func (s *Service) makeSession(w http.ResponseWriter, r *http.Request) {
	if s.hooks.login != nil && s.hooks.login(w, r) {
		return
	}
	var body struct{ UserName, Password string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.UserName != User || body.Password != Password {
		complain(w, http.StatusUnauthorized, "Base.1.8.UnauthorizedLoginAttempt")
		return
	}
	s.mu.Lock()
	s.made++
	id := strconv.Itoa(s.made)
	token := "token-of-session-" + id
	s.sessions[token] = id
	s.mu.Unlock()
	w.Header().Set("X-Auth-Token", token)
	w.Header().Set("Location", sessions+"/"+id)
	write(w, http.StatusCreated, map[string]any{"@odata.id": sessions + "/" + id, "Id": id, "UserName": User})
}

func (s *Service) etag() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf(`W/"%d"`, s.version)
}

func (s *Service) answerSystem(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.gets++
	n := s.gets
	s.mu.Unlock()
	if s.hooks.raw != nil && s.hooks.raw(w, r) {
		return
	}
	power := `"Off"`
	if s.On() {
		power = `"On"`
	}
	if s.hooks.power != nil {
		power = s.hooks.power(n)
	}
	action := map[string]any{"target": reset}
	if s.hooks.hasInfo {
		action["@Redfish.ActionInfo"] = info
	} else if s.hooks.allowed != nil {
		action["ResetType@Redfish.AllowableValues"] = s.hooks.allowed
	}
	doc := map[string]any{
		"@odata.id": system, "@odata.type": "#ComputerSystem.v1_13_0.ComputerSystem", "Id": "node7",
		"Actions": map[string]any{"#ComputerSystem.Reset": action},
	}
	if power != "" {
		doc["PowerState"] = json.RawMessage(power)
	}
	if s.hooks.document != nil {
		s.hooks.document(doc)
	}
	w.Header().Set("ETag", s.etag())
	write(w, 200, doc)
}

func (s *Service) answerReset(w http.ResponseWriter, r *http.Request) {
	var body struct{ ResetType string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		complain(w, http.StatusBadRequest, "Base.1.8.MalformedJSON")
		return
	}
	if want := s.hooks.needETag; want != 0 && r.Header.Get("If-Match") != s.etag() {
		complain(w, want, "Base.1.8.PreconditionRequired")
		return
	}
	s.mu.Lock()
	s.resets++
	s.version++
	s.mu.Unlock()
	if s.hooks.reset != nil && s.hooks.reset(w, r, body.ResetType) {
		return
	}
	if s.obey(body.ResetType) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	complain(w, http.StatusBadRequest, "Base.1.8.ActionParameterNotSupported")
}

// obey does a reset as it should be done.
func (s *Service) obey(typ string) bool {
	switch typ {
	case "On", "ForceOn":
		s.set(true)
	case "ForceOff":
		s.set(false)
	case "PowerCycle":
		s.set(false)
		s.setAfter(cycleTime, true)
	case "ForceRestart", "Nmi":
	default:
		return false
	}
	return true
}

func link(to string) map[string]any { return map[string]any{"@odata.id": to} }

func write(w http.ResponseWriter, code int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("OData-Version", "4.0")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(doc)
}

func complain(w http.ResponseWriter, code int, id string) {
	write(w, code, map[string]any{"error": map[string]any{
		"code": id, "message": "see the extended information",
		"@Message.ExtendedInfo": []any{map[string]any{"MessageId": id, "Message": "the simulated controller says " + id}},
	}})
}
