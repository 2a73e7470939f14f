// Package build makes programs of this module, as they are installed, for tests.
package build

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"systole/agents/suite"
	fence "systole/fence/suite"
)

// Hidden is the name of the program in a folder of agents: one with a dot in front is
// no agent.
const Hidden = "." + suite.Program

// Program builds the program in a folder of the module, such as "crm/cmd/systole", and
// writes it to a file.
func Program(file, source string) error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", file, "systole/"+source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w: %s", source, err, out)
	}
	return nil
}

// Agents builds our agents into a folder, which it makes, with a link for each.
func Agents(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := Program(filepath.Join(dir, Hidden), "agents/cmd/"+suite.Program); err != nil {
		return err
	}
	return Links(dir)
}

// Links makes a link for each agent to the program in a folder.
func Links(dir string) error {
	for _, name := range suite.Names() {
		if err := os.Symlink(Hidden, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// FenceAgents builds our fence agents into a folder, which it makes, with a link of the
// stock name for each.
func FenceAgents(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := Program(filepath.Join(dir, fence.Program), "fence/cmd/"+fence.Program); err != nil {
		return err
	}
	for _, name := range fence.Names() {
		if err := os.Symlink(fence.Program, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
