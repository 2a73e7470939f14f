//go:build linux

package lab

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// FenceAgent is the name of the fence agent in nodes: the resource class and
// type are stonith:fence_lab.
const FenceAgent = "fence_lab"

// The wrapper in the nodes' /usr/sbin: fence agents are found by their name.
const fenceWrapper = "#!/bin/sh\n" + roleVariable + "=" + roleFence + " exec " + labDirInNode + "/lab \"$@\"\n"

const fenceMetadata = `<?xml version="1.0" ?>
<resource-agent name="fence_lab" shortdesc="Power switch of a lab">
<longdesc>Takes the power of a node of the lab away, or gives it back.</longdesc>
<parameters>
<parameter name="action" unique="0" required="1"><getopt mixed="-o, --action=[action]"/><content type="string" default="reboot"/><shortdesc lang="en">Fencing action</shortdesc></parameter>
<parameter name="port" unique="0" required="1"><getopt mixed="-n, --plug=[id]"/><content type="string"/><shortdesc lang="en">Node</shortdesc></parameter>
</parameters>
<actions>
<action name="on" automatic="0"/>
<action name="off"/>
<action name="reboot"/>
<action name="status"/>
<action name="list"/>
<action name="monitor"/>
<action name="metadata"/>
</actions>
</resource-agent>
`

// fenceMain is the fence agent: options as arguments or, as Pacemaker gives
// them, NAME=VALUE lines on standard input. It returns the exit status.
func fenceMain(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opt := fenceOptions(args, stdin)
	status, err := fence(opt, stdout)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", FenceAgent, err)
		return 1
	}
	return status
}

type fenceOpts struct{ action, plug string }

func fenceOptions(args []string, stdin io.Reader) fenceOpts {
	opt := fenceOpts{action: "reboot"}
	set := func(name, value string) {
		switch name {
		case "-o", "--action", "action", "option":
			opt.action = value
		case "-n", "--plug", "plug", "port":
			opt.plug = value
		case "nodename":
			if opt.plug == "" {
				opt.plug = value
			}
		}
	}
	for i := 0; i < len(args); i++ {
		name, value, ok := strings.Cut(args[i], "=")
		if !ok && i+1 < len(args) {
			i++
			value = args[i]
		}
		set(name, value)
	}
	if len(args) == 0 {
		lines := bufio.NewScanner(stdin)
		for lines.Scan() {
			if name, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "="); ok {
				set(name, value)
			}
		}
	}
	return opt
}

func fence(opt fenceOpts, stdout io.Writer) (int, error) {
	socket := filepath.Join(labDirInNode, switchName)
	host, err := os.Hostname()
	if err != nil {
		return 1, err
	}
	switch opt.action {
	case "metadata":
		fmt.Fprint(stdout, fenceMetadata)
	case "monitor", "list":
		names, err := ask(socket, "list")
		if err != nil {
			return 1, err
		}
		if opt.action == "list" {
			fmt.Fprintln(stdout, strings.ReplaceAll(names, " ", ",\n")+",")
		}
	case "status":
		state, err := ask(socket, "status", opt.plug, host)
		if err != nil {
			return 1, err
		}
		fmt.Fprintln(stdout, "Status:", strings.ToUpper(state))
		if state != "on" {
			return 2, nil
		}
	case "off", "on", "reboot":
		if opt.plug == "" {
			return 1, fmt.Errorf("action %s: no node named, set port", opt.action)
		}
		if _, err := ask(socket, opt.action, opt.plug, host); err != nil {
			return 1, err
		}
	default:
		return 1, fmt.Errorf("unknown action %q", opt.action)
	}
	return 0, nil
}
