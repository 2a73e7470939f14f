package schema

import (
	"math/bits"
	"strings"
)

// Version is one of the schemas a CIB can be written in (01 §2.1). Versions
// compare with < in the order in which Pacemaker upgrades through them.
type Version uint8

// The known schemas, oldest first, and Disabled, which is validate-with="none".
const (
	V1_0 Version = iota
	V1_2
	V1_3
	V2_0
	V2_1
	V2_2
	V2_3
	V2_4
	V2_5
	V2_6
	V2_7
	V2_8
	V2_9
	V2_10
	V3_0
	V3_1
	V3_2
	V3_3
	V3_4
	V3_5
	V3_6
	V3_7
	V3_8
	V3_9
	V3_10
	V4_0
	Disabled

	Oldest = V1_0
	Latest = V4_0
)

const prefix = "pacemaker-"

var numbers = [...]string{
	"1.0", "1.2", "1.3",
	"2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10",
	"3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10",
	"4.0",
}

// String returns the name as it stands in validate-with.
func (v Version) String() string {
	if int(v) < len(numbers) {
		return prefix + numbers[v]
	}
	return "none"
}

// ParseVersion reads a value of validate-with. It takes exact names only, as
// Pacemaker does.
func ParseVersion(name string) (Version, bool) {
	if name == "none" {
		return Disabled, true
	}
	if number, ok := strings.CutPrefix(name, prefix); ok {
		return versionOf(number)
	}
	return 0, false
}

func versionOf(number string) (Version, bool) {
	for v, n := range numbers {
		if n == number {
			return Version(v), true
		}
	}
	return 0, false
}

// Set is a set of versions. Every construct of the grammar knows the versions
// it belongs to, so that one walk over a document answers for all of them.
type Set uint32

const allVersions Set = 1<<(Latest+1) - 1

// Has tells whether the version is in the set. Disabled never is.
func (s Set) Has(v Version) bool { return s>>v&1 != 0 }

// Min returns the oldest version of the set, which must not be empty.
func (s Set) Min() Version { return Version(bits.TrailingZeros32(uint32(s))) }

// Max returns the newest version of the set, which must not be empty.
func (s Set) Max() Version { return Version(31 - bits.LeadingZeros32(uint32(s))) }

// String names the set for a message: "until pacemaker-3.10".
func (s Set) String() string {
	switch {
	case s == 0:
		return "in no version"
	case s == allVersions:
		return "in all versions"
	case s.Max() == Latest:
		return "since " + s.Min().String()
	case s.Min() == Oldest:
		return "until " + s.Max().String()
	case s.Min() == s.Max():
		return "only in " + s.Min().String()
	}
	return "from " + s.Min().String() + " to " + s.Max().String()
}

func (v Version) set() Set { return 1 << v }

// span returns the versions from first to last.
func span(first, last Version) Set {
	return (1<<(last+1) - 1) &^ (1<<first - 1)
}
