package cib

import (
	"cmp"
	"fmt"
	"strconv"

	"systole/lib/xmltree"
)

// Version orders the states of a CIB: AdminEpoch grows by hand alone, Epoch with
// every change of the configuration, NumUpdates with every change of the status
// (01 §3). The greater one is the newer one.
type Version struct{ AdminEpoch, Epoch, NumUpdates int }

// VersionOf reads the version of a <cib> element. What is missing or no number
// counts as 0.
func VersionOf(root *xmltree.Element) Version {
	number := func(name string) int {
		n, err := strconv.ParseInt(root.Get(name), 10, 32)
		if err != nil {
			return 0
		}
		return int(n)
	}
	return Version{number("admin_epoch"), number("epoch"), number("num_updates")}
}

// Version is the version of the document.
func (d *Document) Version() Version { return VersionOf(d.root) }

// Compare is negative when v is older than w, positive when it is newer.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.AdminEpoch, w.AdminEpoch), cmp.Compare(v.Epoch, w.Epoch), cmp.Compare(v.NumUpdates, w.NumUpdates))
}

// String is the form that Pacemaker logs: "0.120.77".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.AdminEpoch, v.Epoch, v.NumUpdates) }

// set writes the version into a <cib> element.
func (v Version) set(root *xmltree.Element) {
	root.Set("admin_epoch", strconv.Itoa(v.AdminEpoch))
	root.Set("epoch", strconv.Itoa(v.Epoch))
	root.Set("num_updates", strconv.Itoa(v.NumUpdates))
}

// SetVersion gives the document another version.
func (d *Document) SetVersion(v Version) { v.set(d.root) }
