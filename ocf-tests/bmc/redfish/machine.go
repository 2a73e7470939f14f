package redfish

import (
	"sync"
	"time"
)

// Power is a machine outside of the simulation, such as a node of a lab.
type Power interface {
	On() bool
	Set(on bool)
}

// Machine is what has power or has not, whatever a controller says of it.
type Machine struct {
	mu      sync.Mutex
	on      bool
	changes int // of power
	offs    int // times that it lost power
	outside Power
}

// On is the truth.
func (m *Machine) On() bool {
	if m.outside != nil {
		return m.outside.On()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.on
}

// Offs counts how often it lost its power.
func (m *Machine) Offs() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.offs
}

func (m *Machine) set(on bool) {
	if m.outside != nil {
		m.outside.Set(on)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on == on {
		return
	}
	m.on = on
	m.changes++
	if !on {
		m.offs++
	}
}

// setAfter does it later, unless the power has changed by then.
func (m *Machine) setAfter(d time.Duration, on bool) {
	m.mu.Lock()
	seen := m.changes
	m.mu.Unlock()
	time.AfterFunc(d, func() {
		m.mu.Lock()
		same := m.changes == seen
		m.mu.Unlock()
		if same {
			m.set(on)
		}
	})
}
