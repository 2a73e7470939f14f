package patch

import (
	"fmt"
	"strings"

	"systole/cib"
	"systole/lib/xmltree"
)

// Set is a patch set.
type Set struct {
	Format int // 1 or 2

	// Source is the version of the document that the set applies to, Target
	// that of the result; nil when the set does not say.
	Source, Target *cib.Version

	// Digest is that of the result; "" when the set has none.
	Digest string

	// FeatureSet is the feature set of the program that made the set, which
	// only format 1 records.
	FeatureSet string

	Changes []Change // format 2

	// Removed and Added are the trees of format 1, the marked copies of parts
	// of the old and the new document; nil when the set has none.
	Removed, Added *xmltree.Element
}

// versionFields is a table: the attributes of a version, most significant first.
var versionFields = [3]string{"admin_epoch", "epoch", "num_updates"}

// fields are those of a version, in the order of versionFields.
func fields(v *cib.Version) [3]*int { return [3]*int{&v.AdminEpoch, &v.Epoch, &v.NumUpdates} }

// Op is what a change does.
type Op uint8

const (
	OpCreate Op = iota + 1
	OpModify
	OpMove
	OpDelete
)

// opNames is a table.
var opNames = [...]string{OpCreate: "create", OpModify: "modify", OpMove: "move", OpDelete: "delete"}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("operation %d", o)
}

// Change is one change of format 2.
type Change struct {
	Op Op

	// Path names the element: to delete, modify or move, or the parent of what
	// is created.
	Path string

	// Position is where among its siblings, comments included, the element
	// will be (create, move), or is (a comment to delete); 0 is the first, -1
	// when the change does not say.
	Position int32

	Node *xmltree.Element // create: what is created, an element or a comment

	Attrs  []AttrChange     // modify: what changes, for a reader
	Result *xmltree.Element // modify: all attributes that the element has afterwards

	Line, Col int32 // where the change was read, 0 when it was not
}

// AttrChange is the change of an attribute.
type AttrChange struct {
	Name, Value string
	Unset       bool // the attribute is removed, otherwise it gets the value
}

// Empty tells whether applying the set changes nothing.
func (s *Set) Empty() bool { return len(s.Changes) == 0 && s.Removed == nil && s.Added == nil }

const configurationPath = "/cib/configuration"

// ConfigChanged tells whether the set changes the configuration section of a
// CIB and not only its status or the attributes of its root. Such a change
// makes a new epoch.
func (s *Set) ConfigChanged() bool {
	for i := range s.Changes {
		c := &s.Changes[i]
		if c.Op == OpCreate && c.Path == "/cib" && c.Node.Name == "configuration" {
			return true
		}
		if below, ok := strings.CutPrefix(c.Path, configurationPath); !ok || below == "" && c.Op == OpMove {
			continue
		} else if below == "" || below[0] == '/' || below[0] == '[' {
			return true
		}
	}
	return s.Removed.Child("configuration") != nil || s.Added.Child("configuration") != nil
}

// Limits bounds what a patch set may cost, besides the limits of the document
// that it was read from. A zero field means its default.
type Limits struct {
	Changes int // changes of a set of format 2; default 1,000,000
	PathLen int // bytes of a path; default 65,536
	Depth   int // elements below each other, in a path and in the result; default 256
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, def int) {
		if *field <= 0 {
			*field = def
		}
	}
	set(&l.Changes, 1_000_000)
	set(&l.PathLen, 1<<16)
	set(&l.Depth, 256)
	return l
}
