package api

import "time"

// Service is a nova-compute service as nova sees it.
type Service struct {
	ID             string // a UUID
	Host           string
	Up             bool // state: reports itself and is not forced down
	Enabled        bool // status
	ForcedDown     bool
	DisabledReason string
}

// Fenced says whether nova has been told that the host is down, and takes it for
// down. It is what must be true before a server of the host may run elsewhere.
func (s Service) Fenced() bool { return s.ForcedDown && !s.Up }

// Server is a virtual machine.
type Server struct {
	ID, Name  string
	Host      string // that runs it or ran it last
	Status    string // ACTIVE, SHUTOFF, ERROR, REBOOT, ...: made of the two below
	State     string // vm_state: active, stopped, error, paused, ...
	TaskState string // "" if nothing is being done with it
	Image     string // ID; "" if it was booted from a volume
	Flavor    string // ID
	Fault     string // why it is in ERROR
}

// Migration is a record of nova about a server that changes its host.
type Migration struct {
	ID          string // a UUID, or the number where nova gives none
	Kind        string // evacuation, migration, live-migration, resize
	Status      string
	Server      string // ID
	Source      string // host
	Destination string // host; "" as long as none has been chosen
	Created     time.Time
	Updated     time.Time
}

// Evacuation is the kind of migration that leaves a dead host.
const Evacuation = "evacuation"

// Outcome is how a migration ended.
type Outcome int

// The outcomes.
const (
	InFlight Outcome = iota // it has not ended, or nobody knows
	Moved
	Failed
)

// Outcome tells from the status whether the migration has ended. A word that is
// not known means that it has not: whoever waits too long does no harm.
func (m Migration) Outcome() Outcome {
	switch m.Status {
	case "done", "completed", "finished", "confirmed":
		return Moved
	case "error", "failed", "cancelled", "reverted":
		return Failed
	}
	return InFlight
}

// Tagged are the images and flavors that carry the tag of what may be evacuated.
type Tagged struct{ Images, Flavors []string }

// VolumeService is a cinder-volume service as cinder sees it.
type VolumeService struct {
	Host           string // NAME@BACKEND, or NAME alone
	Up             bool
	Enabled        bool
	DisabledReason string
	Updated        time.Time
}

// Machine is a bare metal node of ironic.
type Machine struct {
	ID, Name string
	Instance string // ID of the server of nova on it; "" if there is none
	Power    string // "power on", "power off", "rebooting", "error", or ""
	Target   string // what it is being brought to; "" if nothing is under way
	Error    string // of the last operation
}
