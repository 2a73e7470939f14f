//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// Check tells whether this machine can run such a lab: nil, or an error that names
// everything that is missing and how to get it.
func Check(opt Options) error {
	var missing []error
	if os.Geteuid() != 0 {
		missing = append(missing, errors.New("not root: namespaces, mounts and cluster daemons need it"))
	}
	for _, p := range programs(opt) {
		if _, err := exec.LookPath(p.name); err != nil {
			if _, err := os.Stat("/usr/sbin/" + p.name); err != nil {
				missing = append(missing, fmt.Errorf("no program %s: install the Debian package %s (make deps does it as root)", p.name, p.pkg))
			}
		}
	}
	if len(missing) == 0 {
		if err := namespacesAllowed(); err != nil {
			missing = append(missing, err)
		}
	}
	return errors.Join(missing...)
}

type program struct{ name, pkg string }

func programs(opt Options) []program {
	list := []program{{"nsenter", "util-linux"}, {"ip", "iproute2"}}
	if !opt.Bare {
		list = append(list, program{"corosync", "corosync"}, program{"pacemakerd", "pacemaker"},
			program{"crm_mon", "pacemaker-cli-utils"}, program{"cibadmin", "pacemaker-cli-utils"})
	}
	return list
}

// namespacesAllowed makes all namespaces of a node once: containers often allow
// none although the user is root.
var namespacesAllowed = sync.OnceValue(func() error {
	cmd := roleCommand("/proc/self/exe", roleProbe,
		syscall.CLONE_NEWNS|syscall.CLONE_NEWPID|syscall.CLONE_NEWUTS|syscall.CLONE_NEWIPC|syscall.CLONE_NEWNET)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("namespaces are not allowed here (a container without privileges?): %w %s", err, out)
	}
	return nil
})
