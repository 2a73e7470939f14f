package systole_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// lattice is who may import whom in this module, and which packages are pure
// (docs/ARCHITECTURE.md says why). DO NOT CHANGE THIS TEXT TO MAKE A BUILD
// GREEN: a change of the lattice is a decision of its own, in a commit of its
// own, with its reason.
//
//	room KIND PATTERN: what its packages may import of this module
//	never FROM -> TO: beats every room
//	client MODULE: the one package that may import it
//	helper MODULE: rooms that may import it
//	tests MODULE: for _test.go files alone
//
// The first room whose pattern matches a package decides. "x/..." is x and all
// below, "*" is one element of the path. A pure package imports only pure ones.
const lattice = `
room main ocf-tests/cmd/*:  lib/... cib/... crm/... agents/... fence/... ocf-tests/...
room main */cmd/*:          lib/... cib/... crm/... agents/... fence/... bundles/...
room io   ocf-tests/...:    lib/... cib/... crm/... agents/... fence/... ocf-tests/...

room pure lib/xmltree:
room pure lib/nodeattr:
room pure lib/agentdoc:
room pure lib/redact:
room pure lib/oslo:
room pure lib/openstack/api:
room pure lib/openstack/evacuation: lib/openstack/api
room pure lib/wsrep:
room pure lib/netstate:
room pure lib/mountinfo:
room pure lib/haproxy:
room pure lib/sbd:
room io   lib/...:          lib/...

room pure cib/...:          lib/... cib/...

room pure crm/graph/svg:      lib/... crm/graph
room pure crm/graph/...:      lib/...
room pure crm/scheduler/...:  lib/... cib/... crm/graph/...
room pure crm/simulate:       lib/... cib/... crm/graph/... crm/scheduler/...
room pure crm/render/...:     lib/... cib/... crm/graph/... crm/scheduler/... crm/simulate crm/explain/...
room pure crm/simulate/...:   lib/... cib/... crm/graph/... crm/scheduler/... crm/render/... crm/simulate/... crm/explain/...
room pure crm/explain/...:    lib/... cib/... crm/graph/... crm/scheduler/...
room pure crm/prove/...:      lib/... cib/... crm/graph/... crm/scheduler/... crm/simulate/...
room pure crm/fencing/...:    lib/... cib/... crm/graph/...
room pure crm/controller/...: lib/... cib/... crm/graph/... crm/scheduler/... crm/simulate/... crm/explain/... crm/fencing/...

room io   crm/executor/...: lib/... crm/graph/...
room io   crm/remote/...:   lib/... crm/graph/...
room io   crm/ipc/...:      lib/...
room io   crm/store/...:    lib/... cib/...

room pure agents/ocf:         lib/...
room io   agents/ocf/...:     lib/... agents/ocf/...
room io   agents/suite:       lib/... agents/...
room pure agents/*:           lib/... agents/ocf
room io   agents/...:         lib/... agents/...
room pure fence/fencing:    lib/...
room io   fence/...:        lib/... fence/...
room io   bundles/...:      lib/... bundles/...
room pure .:

never ...        -> */cmd/...
never agents/... -> cib/...
never agents/... -> crm/...
never fence/...  -> cib/...
never fence/...  -> crm/...
never cib/...    -> crm/...

client github.com/go-sql-driver/mysql:    lib/mariadb
client github.com/rabbitmq/amqp091-go:    lib/rabbitmq
client github.com/gophercloud/gophercloud: lib/openstack
client github.com/gosnmp/gosnmp:          lib/snmp
client github.com/godbus/dbus:            lib/systemd
client github.com/vishvananda/netlink:    lib/netif
client github.com/mdlayher/packet:        lib/netif
client go.etcd.io/etcd:                   lib/etcd
client go.etcd.io/bbolt:                  lib/bolt

helper github.com/beevik/etree: lib/... cib/... agents/... fence/... ocf-tests/... */cmd/*
helper github.com/spf13/cobra:  */cmd/*
helper golang.org/x/sys:        lib/...
helper golang.org/x/net:        lib/...

tests github.com/stretchr/testify:
tests github.com/google/go-cmp:
tests pgregory.net/rapid:
tests github.com/cockroachdb/datadriven:
tests github.com/rogpeppe/go-internal:
`

// pureStandard is what a pure package may import of the standard library:
// nothing that reads, writes, waits, locks or remembers.
const pureStandard = `
bufio bytes cmp container/heap container/list container/ring context
crypto/md5 crypto/sha1 crypto/sha256 embed encoding encoding/base64
encoding/binary encoding/hex encoding/json encoding/xml errors fmt hash
hash/crc32 hash/fnv hash/maphash html io iter maps math math/big math/bits net/netip path
regexp slices sort strconv strings text/tabwriter time unicode unicode/utf16
unicode/utf8 unsafe
`

// impureNames are what those packages hold nevertheless.
const impureNames = `
time.Now time.Since time.Until time.Sleep time.After time.AfterFunc time.Tick
time.NewTicker time.NewTimer time.Local time.LoadLocation
fmt.Print fmt.Printf fmt.Println fmt.Scan fmt.Scanf fmt.Scanln
hash/maphash.MakeSeed context.WithTimeout context.WithDeadline
context.WithTimeoutCause context.WithDeadlineCause
`

// TestLattice holds the whole module against the lattice.
func TestLattice(t *testing.T) {
	pol, err := parsePolicy(lattice, pureStandard, impureNames)
	require.NoError(t, err)
	pkgs, err := loadPackages(os.DirFS("."), "systole")
	require.NoError(t, err)
	require.Greater(t, len(pkgs), 1, "no packages found: does the test run at the root of the module?")

	for _, problem := range check(pol, "systole", pkgs) {
		t.Error(problem)
	}
}

// TestLatticeCanFail shows the checker small modules, each with one fault.
func TestLatticeCanFail(t *testing.T) {
	for _, c := range []struct{ name, files, want string }{
		{"clean", `
-- lib/xmltree/a.go --
package xmltree
import ("errors"; "time")
var ErrLimit = errors.New("limit")
var width = [4]int{1, 2, 3, 4}
// names is a table of kinds.
var names = map[string]int{"a": 1}
var rows = []struct{ n int }{{1}} // a table
func G() int { r := &rows[0]; return r.n }
func F(now time.Time) int { width := 3; width++; return width + names["a"] }
-- cib/a.go --
package cib
import "systole/lib/xmltree"
var _ = xmltree.F
-- crm/cmd/systole/main.go --
package main
import ("os"; "github.com/spf13/cobra"; _ "systole/cib")
var _ cobra.Command
func main() { os.Exit(0) }
-- lib/xmltree/a_test.go --
package xmltree
import ("os"; "github.com/stretchr/testify/require")
var _ = os.Args
var _ = require.True
-- tools/go.mod --
module systole/tools
-- tools/a.go --
package nonsense
import "net/http"
-- lib/xmltree/testdata/a.go --
package broken {
`, ""},
		{"upward import", `
-- cib/a.go --
package cib
import _ "systole/crm/scheduler"
-- crm/scheduler/a.go --
package scheduler
`, `cib/a.go:2:8: cib must never import crm/scheduler`},
		{"agent decides", `
-- agents/galera/a.go --
package galera
import _ "systole/cib"
-- cib/a.go --
package cib
`, `agents/galera must never import cib`},
		{"sideways import", `
-- crm/graph/a.go --
package graph
import _ "systole/cib"
-- cib/a.go --
package cib
`, `crm/graph may not import cib (its room allows: lib/...)`},
		{"pure imports io", `
-- cib/a.go --
package cib
import _ "systole/lib/run"
-- lib/run/a.go --
package run
import _ "os"
`, `cib is pure, lib/run is not`},
		{"import of a command", `
-- crm/store/a.go --
package store
import _ "systole/crm/cmd/systole"
-- crm/cmd/systole/main.go --
package main
`, `crm/store must never import crm/cmd/systole`},
		{"main elsewhere", `
-- crm/store/a.go --
package main
`, `crm/store/a.go:1:1: package main belongs into <folder>/cmd/<name>`},
		{"library among commands", `
-- crm/cmd/systole/a.go --
package systole
`, `crm/cmd/systole/a.go:1:1: a package below cmd must be main`},
		{"no room", `
-- attic/a.go --
package attic
`, `package attic has no room`},
		{"pure reads files", `
-- cib/a.go --
package cib
import _ "os"
`, `cib/a.go:2:8: cib is pure and may not import os`},
		{"pure reads the clock", `
-- cib/a.go --
package cib
import clock "time"
func f() { _ = clock.Now() }
`, `cib/a.go:3:16: cib is pure and may not use time.Now`},
		{"pure prints", `
-- cib/a.go --
package cib
import "fmt"
func f() { fmt.Println("x") }
`, `may not use fmt.Println`},
		{"pure prints by builtin", `
-- cib/a.go --
package cib
func f() { println("x") }
`, `cib/a.go:2:12: cib is pure and may not use println`},
		{"goroutine", `
-- cib/a.go --
package cib
func f() { go f() }
`, `cib/a.go:2:12: cib is pure and may not start a goroutine`},
		{"init", `
-- cib/a.go --
package cib
func init() {}
`, `cib is pure and may not have an init function`},
		{"unmarked table", `
-- cib/a.go --
package cib
var seen = map[string]bool{}
`, `cib/a.go:2:5: package variable seen: a comment must mark it as a table`},
		{"variable that is written", `
-- cib/a.go --
package cib
var n int
func f() { n++ }
`, `cib/a.go:3:12: package variable n is written to`},
		{"table that is written elsewhere in the package", `
-- cib/a.go --
package cib
// seen is a table.
var seen = map[string]bool{}
-- cib/b.go --
package cib
func f() { seen["a"] = true }
`, `cib/b.go:2:12: package variable seen is written to`},
		{"table that is emptied", `
-- cib/a.go --
package cib
var seen = map[string]bool{} // table
func f() { delete(seen, "a") }
`, `package variable seen is written to`},
		{"variable whose address escapes", `
-- cib/a.go --
package cib
var n int
func f() *int { return &n }
`, `package variable n is written to`},
		{"client in two packages", `
-- lib/mariadb/a.go --
package mariadb
import _ "github.com/go-sql-driver/mysql"
-- agents/galera/a.go --
package galera
import _ "github.com/go-sql-driver/mysql"
`, `agents/galera/a.go:2:8: only lib/mariadb imports github.com/go-sql-driver/mysql`},
		{"helper out of its rooms", `
-- crm/store/a.go --
package store
import _ "github.com/spf13/cobra/doc"
`, `crm/store may not import github.com/spf13/cobra/doc (allowed in: */cmd/*)`},
		{"test module in the product", `
-- lib/run/a.go --
package run
import _ "pgregory.net/rapid"
`, `pgregory.net/rapid is for tests alone`},
		{"stranger", `
-- lib/run/a_test.go --
package run
import _ "example.org/x"
`, `lib/run/a_test.go:2:8: example.org/x is not in the lattice`},
		{"syntax error", `
-- lib/run/a.go --
package run {
`, `lib/run/a.go:1:13: `},
	} {
		t.Run(c.name, func(t *testing.T) {
			pol, err := parsePolicy(lattice, pureStandard, impureNames)
			require.NoError(t, err)
			pkgs, err := loadPackages(archive(c.files), "systole")
			var got []string
			if err != nil {
				got = []string{err.Error()}
			} else {
				got = check(pol, "systole", pkgs)
			}
			if c.want == "" {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			require.Contains(t, got[0], c.want)
		})
	}
}

// TestPolicyErrors: a slip in the policy text must not pass for permission.
func TestPolicyErrors(t *testing.T) {
	for text, want := range map[string]string{
		"room pure cib":            "line 1: want",
		"room holy cib:":           "line 1: unknown kind",
		"never cib":                "line 1: want",
		"\nallow cib: lib":         "line 2: unknown word",
		"room io a:\nroom io a: b": "line 2: room a stands twice",
	} {
		_, err := parsePolicy(text, "", "")
		require.ErrorContains(t, err, want, text)
	}
}

// archive is a file system from "-- name --" headed parts.
func archive(text string) fstest.MapFS {
	files := fstest.MapFS{}
	for part := range strings.SplitSeq(strings.TrimPrefix(text, "\n"), "-- ") {
		if name, body, ok := strings.Cut(part, " --\n"); ok {
			files[name] = &fstest.MapFile{Data: []byte(body)}
		}
	}
	return files
}
