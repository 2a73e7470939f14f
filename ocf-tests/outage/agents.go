//go:build linux

package outage

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"systole/agents/suite"
)

// Ours is the provider of our agents.
const Ours = "systole"

// AgentFolder makes a folder for lab.Options.OCF in dir, so that the agents in
// the program (systole-agents) are found in nodes as ocf:systole:NAME.
func AgentFolder(dir, program string) (string, error) {
	folder := filepath.Join(dir, "ocf")
	agents := filepath.Join(folder, Ours)
	if err := os.MkdirAll(agents, 0o755); err != nil {
		return "", err
	}
	// A name with a dot in front is no agent.
	const name = "." + suite.Program
	if err := copyProgram(program, filepath.Join(agents, name)); err != nil {
		return "", fmt.Errorf("copying the agents: %w (make build makes bin/%s)", err, suite.Program)
	}
	for _, a := range suite.Names() {
		if err := os.Symlink(name, filepath.Join(agents, a)); err != nil {
			return "", err
		}
	}
	return folder, nil
}

// BuildAgents builds our agents from the source that the caller is part of, and
// makes such a folder in dir.
func BuildAgents(dir string) (string, error) {
	program := filepath.Join(dir, suite.Program)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-o", program, "systole/agents/cmd/"+suite.Program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the agents: %w: %s", err, out)
	}
	return AgentFolder(dir, program)
}

func copyProgram(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
