package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"systole/lib/xmltree"
)

// names are what a CIB calls its things, for completion on a command line.
type names struct{ cib *xmltree.Element }

// maxCompleteBytes bounds what is read for a completion: it has to be quick.
const maxCompleteBytes = 16 << 20

// namesIn reads the file on the command line, nil when there is none that can
// be read.
func namesIn(args []string, before int) *names {
	if len(args) <= before {
		return nil
	}
	if st, err := os.Stat(args[before]); err != nil || !st.Mode().IsRegular() || st.Size() > maxCompleteBytes {
		return nil
	}
	data, err := readFile(args[before])
	if err != nil {
		return nil
	}
	root, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		return nil
	}
	return &names{root}
}

func (n *names) nodes() []string {
	var list []string
	for e := range n.cib.Path("configuration", "nodes").Elements("node") {
		list = append(list, e.Get("uname"))
	}
	for e := range n.cib.Child("status").Elements("node_state") {
		list = append(list, e.Get("uname"))
	}
	n.cib.Path("configuration", "resources").Walk(func(e *xmltree.Element) bool {
		if e.Name == "primitive" && e.Get("provider") == "pacemaker" && e.Get("type") == "remote" {
			list = append(list, e.ID())
		}
		return true
	})
	return list
}

func (n *names) resources() []string {
	var list []string
	n.cib.Path("configuration", "resources").Walk(func(e *xmltree.Element) bool {
		switch e.Name {
		case "primitive", "group", "clone", "bundle":
			list = append(list, e.ID())
		}
		return true
	})
	return list
}

func (n *names) tickets() []string {
	var list []string
	for e := range n.cib.Path("configuration", "constraints").Elements("rsc_ticket") {
		list = append(list, e.Get("ticket"))
	}
	for e := range n.cib.Path("status", "tickets").Elements("ticket_state") {
		list = append(list, e.ID())
	}
	return list
}

// operations lists what the histories tell of, as failures, and starts and stops.
func (n *names) operations() []string {
	var list []string
	for e := range n.cib.Child("status").Elements("node_state") {
		for h := range e.Path("lrm", "lrm_resources").Elements("lrm_resource") {
			at := "@" + e.Get("uname") + "="
			list = append(list, h.ID()+"_start_0"+at+"1", h.ID()+"_stop_0"+at+"1")
			for op := range h.Elements("lrm_rsc_op") {
				if ms := op.Get("interval"); op.Get("operation") == "monitor" && ms != "0" && ms != "" {
					list = append(list, fmt.Sprintf("%s_monitor_%s%s7", h.ID(), ms, at))
				}
			}
		}
	}
	return list
}

// completeFrom completes an option's value from the file that the command line
// names.
func completeFrom(before int, what func(*names) []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		n := namesIn(args, before)
		if n == nil {
			n = &names{xmltree.New("cib")}
		}
		return matching(what(n), begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFile completes a file behind that many names.
func completeFile(before int) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) != before {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{"xml", "bz2"}, cobra.ShellCompDirectiveFilterFileExt
	}
}

func matching(list []string, begun string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(s string) bool { return s == "" || !strings.HasPrefix(s, begun) })
}
