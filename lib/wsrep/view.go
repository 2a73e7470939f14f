package wsrep

import (
	"fmt"
	"slices"
	"strings"
)

// maxMembers bounds the members of a view that is read.
const maxMembers = 64

// View is the content of gvwstate.dat: the last Primary component that the server
// was in when it ended. A server that leaves in order removes the file.
type View struct {
	Me      UUID   // of the server itself
	ID      string // of the component
	Members []UUID // sorted
}

// ParseView reads gvwstate.dat.
func ParseView(text string) (v View, err error) {
	inside, ended := false, false
	for i, line := range strings.Split(text, "\n") {
		switch strings.TrimSpace(line) {
		case "#vwbeg":
			inside = true
			continue
		case "#vwend":
			ended = inside
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		words := strings.Fields(value)
		switch strings.TrimSpace(name) {
		case "my_uuid":
			v.Me, err = ParseUUID(value)
		case "view_id":
			v.ID = strings.Join(words, " ")
		case "member":
			var u UUID
			if len(words) == 0 || len(v.Members) >= maxMembers {
				err = fmt.Errorf("a member without UUID, or more than %d members", maxMembers)
			} else if u, err = ParseUUID(words[0]); err == nil {
				v.Members = append(v.Members, u)
			}
		}
		if err != nil {
			return View{}, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	slices.Sort(v.Members)
	if !ended || v.ID == "" || !slices.Contains(v.Members, v.Me) {
		return View{}, fmt.Errorf("it is not complete")
	}
	return v, nil
}

// Equal says whether two servers were in the same component.
func (v View) Equal(w View) bool { return v.ID == w.ID && slices.Equal(v.Members, w.Members) }
