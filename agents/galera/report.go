package galera

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"systole/lib/wsrep"
)

// A record says in one line what the instance of the resource on a node is doing.
// It is kept in a file on the node, and published as the node attribute
// NAME-state, so that the agents of the other nodes have all of it at once.
//
//	stopped uuid=U seqno=N safe=1 grastate=1 ...   the server is stopped; its data hold this
//	joining bytes=N moved=T since=T                the server is receiving a state transfer
//	promoted me=U bytes=N                          the server serves
type record struct {
	Kind   string
	Report *Report   // of stopped
	Since  time.Time // when this state began
	// Of joining: bytes written so far, and when there were fewer; of promoted: size of the data.
	Bytes int64
	Moved time.Time
	Me    wsrep.UUID // of promoted: the server, as the group knows it
	// Print tells data apart that were changed since: of stopped, and only in the file.
	Print string
}

// The kinds of records.
const (
	kindStopped  = "stopped"
	kindJoining  = "joining"
	kindPromoted = "promoted"
)

// unknown says that the data are damaged and may hold writes that others do not have.
func (r record) unknown() bool {
	return r.Kind == kindStopped && r.Report != nil && r.Report.Broken && !r.Report.Position.UUID.IsZero()
}

// maxRecord bounds a record that is read.
const maxRecord = 4 << 10

func (r record) String() string {
	var b strings.Builder
	b.WriteString(r.Kind)
	add := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	if rep := r.Report; r.Kind == kindStopped && rep != nil {
		uuid := rep.Position.UUID
		if uuid == "" {
			uuid = wsrep.Zero
		}
		add("uuid", string(uuid))
		add("seqno", strconv.FormatInt(rep.Position.Seqno, 10))
		add("safe", bit(rep.Safe))
		add("grastate", bit(rep.Grastate))
		add("prepared", bit(rep.Prepared))
		if rep.Broken {
			add("broken", "1")
		}
		if rep.Empty {
			add("empty", "1")
		}
		if !rep.Start.IsZero() {
			add("start", rep.Start.String())
		}
		add("databases", strconv.Itoa(rep.Databases))
		if !rep.Other.IsZero() {
			add("other", string(rep.Other))
		}
		add("written", moment(rep.Written))
		if rep.View.ID != "" {
			add("view", strings.ReplaceAll(rep.View.ID, " ", "/"))
			add("me", string(rep.View.Me))
			members := make([]string, len(rep.View.Members))
			for i, m := range rep.View.Members {
				members[i] = string(m)
			}
			add("members", strings.Join(members, ","))
		}
	}
	if r.Kind == kindJoining {
		add("bytes", strconv.FormatInt(r.Bytes, 10))
		add("moved", moment(r.Moved))
	}
	if r.Kind == kindPromoted {
		add("me", string(r.Me))
		if r.Bytes > 0 {
			add("bytes", strconv.FormatInt(r.Bytes, 10))
		}
	}
	add("since", moment(r.Since))
	add("print", r.Print)
	return b.String()
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// parseRecord reads a record. Words that are not known are of a later version and
// are passed over; what is known must be right.
func parseRecord(text string) (r record, err error) {
	if len(text) > maxRecord {
		return r, fmt.Errorf("it has more than %d bytes", maxRecord)
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return r, fmt.Errorf("it is empty")
	}
	r.Kind = words[0]
	switch r.Kind {
	case kindStopped:
		r.Report = &Report{Position: wsrep.Position{UUID: "?", Seqno: wsrep.Undefined}}
	case kindJoining, kindPromoted:
		r.Report = nil
	default:
		return r, fmt.Errorf("%q is none of stopped, joining and promoted", r.Kind)
	}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		if err := r.set(name, value); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
	}
	if r.Report != nil && r.Report.Position.UUID == "?" {
		return r, fmt.Errorf("there is no uuid in it")
	}
	return r, nil
}

func (r *record) set(name, value string) (err error) {
	rep := r.Report
	if rep == nil {
		rep = &Report{}
	}
	switch name {
	case "uuid":
		rep.Position.UUID, err = wsrep.ParseUUID(value)
	case "seqno":
		rep.Position.Seqno, err = wsrep.ParseSeqno(value)
	case "other":
		rep.Other, err = wsrep.ParseUUID(value)
	case "safe":
		rep.Safe, err = parseBit(value)
	case "grastate":
		rep.Grastate, err = parseBit(value)
	case "prepared":
		rep.Prepared, err = parseBit(value)
	case "broken":
		rep.Broken, err = parseBit(value)
	case "empty":
		rep.Empty, err = parseBit(value)
	case "start":
		rep.Start, err = parseStartID(value)
	case "databases":
		rep.Databases, err = strconv.Atoi(value)
	case "written":
		rep.Written, err = parseMoment(value)
	case "view":
		rep.View.ID = strings.ReplaceAll(value, "/", " ")
	case "me":
		r.Me, err = wsrep.ParseUUID(value)
		rep.View.Me = r.Me
	case "members":
		for m := range strings.SplitSeq(value, ",") {
			u, err := wsrep.ParseUUID(m)
			if err != nil {
				return err
			}
			rep.View.Members = append(rep.View.Members, u)
		}
	case "bytes":
		r.Bytes, err = strconv.ParseInt(value, 10, 64)
	case "moved":
		r.Moved, err = parseMoment(value)
	case "since":
		r.Since, err = parseMoment(value)
	case "print":
		r.Print = value
	}
	return err
}

func parseBit(text string) (bool, error) {
	if text != "0" && text != "1" {
		return false, fmt.Errorf("%q is neither 0 nor 1", text)
	}
	return text == "1", nil
}

func parseMoment(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, fmt.Errorf("%q is not a time", text)
	}
	return time.Unix(n, 0).UTC(), nil
}
