package render

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"systole/crm/scheduler"
)

// nodeAttr is a node attribute that is shown. checked: it is kept by a
// connectivity check that expects this value.
type nodeAttr struct {
	name, value string
	checked     bool
	expected    int
}

// shownAttrs lists a node's attributes that are not the cluster's own
// (08 §5.7).
func shownAttrs(s *scheduler.State, n *scheduler.Node) []nodeAttr {
	var list []nodeAttr
	for name, value := range n.Attrs {
		if !ownAttr(name) {
			list = append(list, nodeAttr{name: name, value: value})
		}
	}
	slices.SortFunc(list, func(a, b nodeAttr) int { return strings.Compare(a.name, b.name) })
	for i := range list {
		list[i].expected, list[i].checked = expectedValue(s, n, n.Running, list[i].name)
	}
	return list
}

func ownAttr(name string) bool {
	for _, prefix := range [...]string{"shutdown", "terminate", "standby", "fail-count", "last-failure", "#"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// expectedValue finds the connectivity check that keeps the attribute.
func expectedValue(s *scheduler.State, n *scheduler.Node, list []*scheduler.Resource, attr string) (int, bool) {
	for _, r := range list {
		if v, ok := expectedValue(s, n, r.Children, attr); ok {
			return v, true
		}
		if kind := r.Meta.Value("type"); !strings.EqualFold(kind, "ping") && !strings.EqualFold(kind, "pingd") {
			continue
		}
		name, ok := s.Param(r, n, "name")
		if !ok {
			name = "pingd"
		}
		if !strings.EqualFold(name, attr) {
			continue
		}
		hosts := 0
		if text, ok := s.Param(r, n, "host_list"); ok && text != "" {
			hosts = strings.Count(text, " ") + 1
		}
		factor := 1
		if text, ok := s.Param(r, n, "multiplier"); ok {
			if v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err == nil {
				factor = int(v)
			}
		}
		return hosts * factor, true
	}
	return 0, false
}

// intValue is a value as a number, 0 when it is none.
func intValue(text string) int {
	v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return int(max(min(v, math.MaxInt32), math.MinInt32))
}

// failures is what a report tells of a resource's failures on a node.
type failures struct {
	id    string // as the history knows it
	rsc   *scheduler.Resource
	count scheduler.Score
	last  int64
}

// nodeFailures is what a report tells of a node's failures.
type nodeFailures struct {
	node *scheduler.Node
	list []failures
}

// allFailures lists the online nodes with a state, and the fail counts there
// (08 §5.8).
func allFailures(s *scheduler.State) []nodeFailures {
	var all []nodeFailures
	for e := range s.StatusXML().Elements("node_state") {
		n := s.NodeByID(e.ID())
		if n == nil || !n.Online {
			continue
		}
		f := nodeFailures{node: n}
		for h := range e.Path("lrm", "lrm_resources").Elements("lrm_resource") {
			r := s.FindResource(h.ID())
			if r == nil {
				continue
			}
			if count, last := s.FailCount(r, n); count > 0 {
				f.list = append(f.list, failures{id: h.ID(), rsc: r, count: count, last: last})
			}
		}
		all = append(all, f)
	}
	return all
}

// shownFailures lists the failed operations that are failures to people.
func shownFailures(s *scheduler.State) []*scheduler.FailedOp {
	var list []*scheduler.FailedOp
	for _, f := range s.Failed {
		if _, _, _, ok := scheduler.SplitKey(f.Key); ok && !f.MaskedProbe {
			list = append(list, f)
		}
	}
	return list
}

var (
	weekdays = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}                                    // table
	months   = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"} // table
)

// ctime is a moment as C's ctime has it, in local time.
func ctime(epoch int64, zone func(int64) int) string {
	if zone != nil {
		epoch += int64(zone(epoch))
	}
	c := civil(epoch)
	return weekdays[c.weekday] + " " + months[c.month-1] + " " + padLeft(itoa(c.day), 2) + " " + c.clock() + " " + itoa(c.year)
}

// utc is a moment as Pacemaker writes it: 2021-06-11 13:55:24Z.
func utc(epoch int64) string {
	c := civil(epoch)
	year := itoa(c.year)
	for len(year) < 4 {
		year = "0" + year
	}
	return year + "-" + two(c.month) + "-" + two(c.day) + " " + c.clock() + "Z"
}

// local is a moment in local time with its offset: 2021-06-11 15:55:24 +02:00,
// with Z where the offset is 0.
func local(epoch int64, zone func(int64) int) string {
	offset := 0
	if zone != nil {
		offset = zone(epoch)
	}
	text := utc(epoch + int64(offset))
	if offset == 0 {
		return text
	}
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	return text[:len(text)-1] + " " + sign + two(offset/3600) + ":" + two(offset/60%60)
}

// UTC is a moment, in epoch seconds, as reports have it: 2021-06-11 13:55:24Z.
func UTC(epoch int64) string { return utc(epoch) }

type civilTime struct{ year, month, day, hour, min, sec, weekday int }

func (c civilTime) clock() string { return two(c.hour) + ":" + two(c.min) + ":" + two(c.sec) }

func two(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

// civil takes epoch seconds apart, in the calendar that is now used for all
// times.
func civil(epoch int64) civilTime {
	days, rest := epoch/86400, epoch%86400
	if rest < 0 {
		days, rest = days-1, rest+86400
	}
	c := civilTime{hour: int(rest / 3600), min: int(rest / 60 % 60), sec: int(rest % 60), weekday: int((days%7 + 11) % 7)}
	z := days + 719468 // since 1 March of the year 0
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c.day = int(doy - (153*mp+2)/5 + 1)
	c.month = int(mp + 3)
	if c.month > 12 {
		c.month -= 12
	}
	c.year = int(yoe + era*400)
	if c.month <= 2 {
		c.year++
	}
	return c
}
