package render

import (
	"systole/crm/scheduler"
	"systole/crm/simulate"
)

// StatusKind tells the two status blocks of a simulation apart.
type StatusKind uint8

const (
	CurrentStatus StatusKind = iota
	RevisedStatus
)

func (k StatusKind) title() string {
	if k == RevisedStatus {
		return "Revised Cluster Status"
	}
	return "Current cluster status"
}

// Output is a report in some format. Blocks come in the order of 08 §3.1; a
// method writes what its format has of it, perhaps nothing.
type Output interface {
	IsQuiet() bool
	Take() []byte      // what was written since the last Take
	Finish(status int) // the report is over, the program ends with this status

	Version(text string)
	Info(line string)
	Spacer()
	Error(text string) bool // false: the format has no place for errors
	Maintenance()

	Status(kind StatusKind, s *scheduler.State, o StatusOptions)
	ModificationsBegin(quorum, watchdog *string)
	ModificationsEnd()
	Event(e *simulate.Event)
	ScoresBegin(scores, utilization bool)
	ScoreLines(s *scheduler.State)
	ScoresEnd()
	Summary(s *scheduler.State)
	TransitionBegin()
	TransitionEnd()

	TimingsBegin()
	Timing(file string, seconds float64)
	TimingsEnd()
}

// Stepper is an output that tells the steps of a simulation apart.
type Stepper interface {
	StepBegin()
	StepEnd()
}

// ProblemTeller is an output that can tell what is wrong with a configuration.
type ProblemTeller interface {
	Problems(list []scheduler.Problem)
}

// None is an output that writes nothing.
type None struct{}

func (None) IsQuiet() bool                                      { return false }
func (None) Take() []byte                                       { return nil }
func (None) Finish(int)                                         {}
func (None) Version(string)                                     {}
func (None) Info(string)                                        {}
func (None) Spacer()                                            {}
func (None) Error(string) bool                                  { return true }
func (None) Maintenance()                                       {}
func (None) Status(StatusKind, *scheduler.State, StatusOptions) {}
func (None) ModificationsBegin(_, _ *string)                    {}
func (None) ModificationsEnd()                                  {}
func (None) Event(*simulate.Event)                              {}
func (None) ScoresBegin(_, _ bool)                              {}
func (None) ScoreLines(*scheduler.State)                        {}
func (None) ScoresEnd()                                         {}
func (None) Summary(*scheduler.State)                           {}
func (None) TransitionBegin()                                   {}
func (None) TransitionEnd()                                     {}
func (None) TimingsBegin()                                      {}
func (None) Timing(string, float64)                             {}
func (None) TimingsEnd()                                        {}
