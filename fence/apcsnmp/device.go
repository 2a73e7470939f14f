package apcsnmp

import (
	"context"
	"strings"

	"systole/fence/fencing"
	"systole/lib/snmp"
)

const (
	sysObjectID = ".1.3.6.1.2.1.1.2.0"
	maxOutlets  = 1000
)

type device struct {
	s      *snmp.Session
	family *family
	names  map[string]outlet // of plugs that were looked up
	log    func(fencing.Level, string)
}

func open(ctx context.Context, v *fencing.Values, w fencing.World) (fencing.Device, error) {
	s, err := snmp.Dial(ctx, snmp.Config{
		Host: v.String("ip"), Port: v.Int("ipport"), Version: v.String("snmp_version"), Community: v.Secret("community"),
		Level: v.String("snmp_sec_level"), User: v.String("username"),
		AuthProtocol: v.String("snmp_auth_prot"), AuthPass: v.Secret("password"),
		PrivProtocol: v.String("snmp_priv_prot"), PrivPass: v.Secret("snmp_priv_passwd"),
	})
	if err != nil {
		return nil, fault(err)
	}
	d := &device{s: s, names: map[string]outlet{}, log: w.Log}
	if err := d.identify(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return d, nil
}

// identify finds out the family of the device.
func (d *device) identify(ctx context.Context) error {
	id, err := d.s.ObjectID(ctx, sysObjectID)
	if err != nil && snmp.KindOf(err) != snmp.NoObject {
		return fault(err)
	}
	d.family = familyOf(id)
	d.log(fencing.Debug, "the device says that it is "+id+", taken for: "+d.family.name)
	return nil
}

// outlet finds a plug.
func (d *device) outlet(ctx context.Context, plug string) (outlet, error) {
	o, ok, err := d.family.parsePlug(plug)
	if ok || err != nil {
		return o, err
	}
	if o, ok := d.names[plug]; ok {
		return o, nil
	}
	list, err := d.outlets(ctx)
	if err != nil {
		return outlet{}, err
	}
	var found []outlet
	for _, e := range list {
		if e.name == plug {
			found = append(found, e.outlet)
		}
	}
	switch len(found) {
	case 0:
		return outlet{}, fencing.Errorf(fencing.Missing, "no outlet has the name %q: see the action list", plug)
	case 1:
		d.names[plug] = found[0]
		return found[0], nil
	}
	return outlet{}, fencing.Errorf(fencing.Missing, "the outlets %s and %s have the name %q: give their numbers, with a comma between them if both feed the machine",
		d.family.plug(found[0]), d.family.plug(found[1]), plug)
}

type named struct {
	outlet
	name string
}

func (d *device) outlets(ctx context.Context) ([]named, error) {
	rows, more, err := d.s.Rows(ctx, d.family.names, maxOutlets)
	if err != nil {
		return nil, fault(err)
	}
	if more {
		return nil, fencing.Errorf(fencing.NoStatus, "the device has more than %d outlets: give the number of the outlet", maxOutlets)
	}
	list := make([]named, 0, len(rows))
	for _, r := range rows {
		o, ok := d.family.outletAt(r.Index)
		if !ok {
			return nil, fencing.Errorf(fencing.NoStatus, "the table of outlets has a row %q, which is not that of an %s", r.Index, d.family.name)
		}
		list = append(list, named{o, strings.Trim(r.Text, "\"\x00 ")})
	}
	return list, nil
}

func (d *device) status(ctx context.Context, o outlet) (fencing.Status, error) {
	n, err := d.s.Int(ctx, d.family.cell(d.family.status, o))
	if err != nil {
		return fencing.Status{}, fault(err)
	}
	return d.family.state(n), nil
}

// Status asks for the status of an outlet.
func (d *device) Status(ctx context.Context, plug string) (fencing.Status, error) {
	o, err := d.outlet(ctx, plug)
	if err != nil {
		return fencing.Status{}, err
	}
	return d.status(ctx, o)
}

// Turn switches an outlet at once.
func (d *device) Turn(ctx context.Context, plug string, on bool) error {
	o, err := d.outlet(ctx, plug)
	if err != nil {
		return err
	}
	n := d.family.turnOff
	if on {
		n = d.family.turnOn
	}
	return fault(d.s.SetInt(ctx, d.family.cell(d.family.control, o), n))
}

// List is the outlets with their names.
func (d *device) List(ctx context.Context) ([]fencing.Plug, error) {
	outlets, err := d.outlets(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]fencing.Plug, 0, len(outlets))
	for _, o := range outlets {
		s, err := d.status(ctx, o.outlet)
		if err != nil {
			return nil, err
		}
		list = append(list, fencing.Plug{ID: d.family.plug(o.outlet), Name: o.name, State: s.State})
	}
	return list, nil
}

// Probe asks who the device is, and for the name of an outlet.
func (d *device) Probe(ctx context.Context) error {
	if err := d.identify(ctx); err != nil {
		return err
	}
	rows, _, err := d.s.Rows(ctx, d.family.names, 1)
	if err == nil && len(rows) == 0 {
		return fencing.Errorf(fencing.NoStatus, "the device has no outlets of an %s: it is of a kind that is not known", d.family.name)
	}
	return fault(err)
}

func (d *device) Close() { d.s.Close() }

// kinds is a table: what a failure of SNMP is to fencing, and what there is to do.
var kinds = map[snmp.Kind]struct {
	kind fencing.Kind
	hint string
}{
	snmp.Protocol:    {fencing.NoStatus, ""},
	snmp.BadConfig:   {fencing.Usage, ""},
	snmp.NoAnswer:    {fencing.TimedOut, ": check ip, ipport and snmp_version, and community: a wrong one gets no answer"},
	snmp.Credentials: {fencing.LoginDenied, ": check username, password, snmp_priv_passwd, their protocols, and snmp_sec_level"},
	snmp.NoObject:    {fencing.Missing, ": check the plug against the action list"},
	snmp.Forbidden:   {fencing.Privileges, ": give a community or user that may write"},
	snmp.Refused:     {fencing.Refused, ""},
}

func fault(err error) error {
	if err == nil {
		return nil
	}
	k := kinds[snmp.KindOf(err)]
	return fencing.Errorf(k.kind, "%w%s", err, k.hint)
}
