package apcsnmp

import (
	"fmt"
	"strconv"
	"strings"

	"systole/fence/fencing"
)

// outlet is one of a device. unit is 1 where devices have one.
type outlet struct{ unit, number int }

// family is a kind of devices: where their objects are, and which numbers mean what
// (PowerNet-MIB, TRIPPLITE-PRODUCTS).
type family struct {
	name            string
	id              string // sysObjectID; "": all others
	status, control string // columns
	names           string
	on, off         int // of status
	turnOn, turnOff int // of control
	units           bool
}

// families is a table. The first answers to a sysObjectID that is listed nowhere.
var families = []family{
	{name: "APC MasterSwitch", status: ".1.3.6.1.4.1.318.1.1.4.4.2.1.3", control: ".1.3.6.1.4.1.318.1.1.4.4.2.1.3", names: ".1.3.6.1.4.1.318.1.1.4.4.2.1.4", on: 1, off: 2, turnOn: 1, turnOff: 2},
	{name: "APC rack PDU", id: ".1.3.6.1.4.1.318.1.3.4.5", status: ".1.3.6.1.4.1.318.1.1.12.3.5.1.1.4", control: ".1.3.6.1.4.1.318.1.1.12.3.3.1.1.4", names: ".1.3.6.1.4.1.318.1.1.12.3.5.1.1.2", on: 1, off: 2, turnOn: 1, turnOff: 2},
	{name: "APC MasterSwitch Plus", id: ".1.3.6.1.4.1.318.1.3.4.4", status: ".1.3.6.1.4.1.318.1.1.6.7.1.1.5", control: ".1.3.6.1.4.1.318.1.1.6.5.1.1.5", names: ".1.3.6.1.4.1.318.1.1.6.7.1.1.4", on: 1, off: 2, turnOn: 1, turnOff: 3, units: true},
	{name: "APC MasterSwitch with firmware 6", id: ".1.3.6.1.4.1.318.1.3.4.6", status: ".1.3.6.1.4.1.318.1.1.4.4.2.1.3", control: ".1.3.6.1.4.1.318.1.1.12.3.3.1.1.4", names: ".1.3.6.1.4.1.318.1.1.4.4.2.1.4", on: 1, off: 2, turnOn: 1, turnOff: 2},
	{name: "Tripp Lite PDU", id: ".1.3.6.1.4.1.850.1", status: ".1.3.6.1.4.1.850.10.2.3.5.1.2.1", control: ".1.3.6.1.4.1.850.10.2.3.5.1.4.1", names: ".1.3.6.1.4.1.850.10.2.3.5.1.5", on: 2, off: 1, turnOn: 2, turnOff: 1},
	{name: "Tripp Lite PDU with WEBCARDLX", id: ".1.3.6.1.4.1.850.1.1.1", status: ".1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.4.1", control: ".1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.6.1", names: ".1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.2.1", on: 2, off: 1, turnOn: 2, turnOff: 1},
}

func familyOf(id string) *family {
	for i := range families {
		if families[i].id == id && id != "" {
			return &families[i]
		}
	}
	return &families[0]
}

// cell is the object of a column for an outlet.
func (f *family) cell(column string, o outlet) string {
	if f.units {
		return fmt.Sprintf("%s.%d.1.%d", column, o.unit, o.number)
	}
	return fmt.Sprintf("%s.%d", column, o.number)
}

// outletAt is the outlet of a row of the table of names: N, or UNIT.1.N. Tripp Lite
// have the number of the device before it.
func (f *family) outletAt(index string) (outlet, bool) {
	parts := strings.Split(index, ".")
	number, err := strconv.Atoi(parts[len(parts)-1])
	if err != nil || number < 1 {
		return outlet{}, false
	}
	if !f.units {
		return outlet{1, number}, true
	}
	if len(parts) < 3 {
		return outlet{}, false
	}
	unit, err := strconv.Atoi(parts[len(parts)-3])
	return outlet{unit, number}, err == nil && unit > 0
}

// parsePlug reads N or UNIT:N. What is neither is a name.
func (f *family) parsePlug(plug string) (outlet, bool, error) {
	unit, number, two := strings.Cut(plug, ":")
	if !two {
		unit, number = "1", plug
	}
	u, err1 := strconv.ParseUint(unit, 10, 16)
	n, err2 := strconv.ParseUint(number, 10, 16)
	switch {
	case err1 != nil || err2 != nil:
		return outlet{}, false, nil
	case u == 0 || n == 0:
		return outlet{}, false, fencing.Errorf(fencing.Missing, "plug %s: outlets are counted from 1", plug)
	case u > 1 && !f.units:
		return outlet{}, false, fencing.Errorf(fencing.Missing, "plug %s: an %s has no units: give the number of the outlet alone", plug, f.name)
	}
	return outlet{int(u), int(n)}, true, nil
}

// id is how list calls an outlet.
func (f *family) plug(o outlet) string {
	if f.units {
		return fmt.Sprintf("%d:%d", o.unit, o.number)
	}
	return strconv.Itoa(o.number)
}

// state is what a number of the status column means. Numbers that are neither are no
// state: devices have some for "being switched" and "not known".
func (f *family) state(n int) fencing.Status {
	s := fencing.Status{Detail: fmt.Sprintf("status %d", n)}
	switch n {
	case f.on:
		s.State = fencing.On
	case f.off:
		s.State = fencing.Off
	}
	return s
}
