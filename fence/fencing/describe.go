package fencing

import (
	"cmp"
	"slices"
)

// Description is everything about an agent that is text.
type Description struct {
	Name   string // fence_ipmilan
	Short  string // one line without a full stop
	Long   string // paragraphs, with empty lines between
	Vendor string // address of the maker of the device
	// Options are those beyond the ones that every agent has, or in their place.
	Options []Option
	Links   []Link // further names, with other defaults

	Fabric   bool // cuts off from the network or storage: no reboot, and "on" comes by itself (unfencing)
	OnTarget bool // "on" must run on the node that is unfenced
	Lists    bool // has list and list-status
	Diag     bool // has diag
	NoOn     bool
	// ByMessage: the machine is told to go down by itself. That takes a time of its own,
	// and whether it comes up after a reboot is its own business.
	ByMessage bool
	// Plugless devices are one machine each: plug is not asked for.
	Plugless bool
	NoLogin  bool // username may be missing
	NoPass   bool // password may be missing

	Notes []Note
}

// Note is a titled section of the documentation.
type Note struct{ Title, Text string }

// Link is another name of an agent.
type Link struct {
	Name, Short string
	Defaults    map[string]string // of options, where they differ
}

// Version is that of all fence agents here.
const Version = "1.0"

// As is the description under a name: that of a link has its own defaults.
func (d Description) As(name string) Description {
	for _, l := range d.Links {
		if l.Name != name {
			continue
		}
		d.Options = slices.Clone(d.options())
		for i := range d.Options {
			if value, ok := l.Defaults[d.Options[i].Name]; ok {
				d.Options[i].Default = value
			}
		}
		d.Name, d.Short = l.Name, l.Short
	}
	return d
}

// options are all of them, in the order of texts.
func (d *Description) options() []Option {
	list := slices.Clone(d.Options)
	have := func(name string) bool {
		return slices.ContainsFunc(list, func(o Option) bool { return o.Name == name })
	}
	names := common
	if d.hasPlug() && !have("port_as_ip") {
		names = append(slices.Clone(names), "separator")
	}
	for _, o := range Standard(names...) {
		if !have(o.Name) {
			list = append(list, o)
		}
	}
	for i := range list {
		if list[i].Name == "action" && d.Fabric {
			list[i].Default = "off"
		}
		if list[i].order == 0 {
			list[i].order = 1
		}
	}
	slices.SortStableFunc(list, func(a, b Option) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (d *Description) has(name string) bool {
	return slices.ContainsFunc(d.Options, func(o Option) bool { return o.Name == name })
}

func (d *Description) hasPlug() bool { return d.has("plug") && !d.has("port_as_ip") }

// Actions are the names of the actions, in the order of metadata.
func (d *Description) Actions() []string {
	list := []string{"on", "off"}
	if d.NoOn {
		list = list[1:]
	}
	if !d.Fabric {
		list = append(list, "reboot")
	}
	list = append(list, "status")
	if d.Lists {
		list = append(list, "list", "list-status")
	}
	list = append(list, "monitor", "metadata", "manpage", "validate-all")
	if d.Diag {
		list = append(list, "diag")
	}
	return list
}
