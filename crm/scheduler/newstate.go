package scheduler

import (
	"fmt"
	"strconv"

	"systole/lib/xmltree"
)

func newState(cib *xmltree.Element, opt Options) *State {
	s := &State{
		opt:        opt,
		CIB:        cib,
		rscByID:    map[string]*Resource{},
		rscByHist:  map[string]*Resource{},
		templates:  map[string]*refList{},
		tags:       map[string]*refList{},
		tickets:    map[string]*Ticket{},
		singletons: map[string]*Action{},
		failedSeen: map[failedKey]bool{},
		causes:     make([]CauseInfo, 1),
		configs:    map[*xmltree.Element]*rscConfig{},
	}
	s.nodesBy.name = map[string]*Node{}
	s.nodesBy.id = map[string]*Node{}
	s.Now = s.runTime()
	s.Quorate = isTrue(cib.Get("have-quorum"))
	s.configuration = cib.Child("configuration")
	return s
}

// runTime is the time of the run (02 §2 step 2).
func (s *State) runTime() int64 {
	if s.opt.HaveNow {
		return s.opt.Now
	}
	if text, ok := s.CIB.Attr("execution-date"); ok {
		if t, ok := parseInteger(text); ok {
			return t
		}
	}
	return s.opt.RealNow
}

// newerFeatureSet tells whether the CIB comes from a newer Pacemaker than the
// one whose decisions we make. Pacemaker then unpacks nothing (02 §2 step 1);
// we go on and say so, since an empty answer helps nobody.
func (s *State) newerFeatureSet() bool {
	s.Newer = compareVersions(s.CIB.Get("crm_feature_set"), FeatureSet) > 0
	if s.Newer {
		s.configWarning(s.CIB, "the CIB has feature set %s, newer than %s: decisions may differ from what that cluster would do",
			s.CIB.Get("crm_feature_set"), FeatureSet)
	}
	return false
}

// single returns the element with that name if there is exactly one anywhere
// in the document (02 §2 step 4).
func (s *State) single(name string) *xmltree.Element {
	if s.singles == nil {
		s.singles = map[string]*xmltree.Element{}
		counts := map[string]int{}
		note := func(e *xmltree.Element) {
			counts[e.Name]++
			s.singles[e.Name] = e
			if counts[e.Name] > 1 {
				s.singles[e.Name] = nil
			}
		}
		for top := range s.CIB.Elements() {
			note(top)
			for section := range top.Elements() {
				note(section)
			}
		}
	}
	return s.singles[name]
}

// fail remembers a breach of the scheduler's own rules. The run ends with that
// error and without a graph: no decision is better than a wrong one.
func (s *State) fail(format string, args ...any) {
	if s.broken == nil {
		s.broken = fmt.Errorf("internal error in the scheduler: "+format, args...)
	}
}

func (s *State) err() error { return s.broken }

func (s *State) configError(e *xmltree.Element, format string, args ...any) {
	s.problem(true, e, format, args...)
}

func (s *State) configWarning(e *xmltree.Element, format string, args ...any) {
	s.problem(false, e, format, args...)
}

func (s *State) problem(isError bool, e *xmltree.Element, format string, args ...any) {
	p := Problem{Error: isError, Text: fmt.Sprintf(format, args...)}
	if e != nil {
		p.Line = int(e.Line)
	}
	s.Problems = append(s.Problems, p)
}

// updateRecheck notes that something changes by itself at time t (epoch
// seconds); the earliest future time counts (02 §13).
func (s *State) updateRecheck(t int64) {
	if t > s.Now && (s.RecheckBy == 0 || s.RecheckBy > t) {
		s.RecheckBy = t
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
