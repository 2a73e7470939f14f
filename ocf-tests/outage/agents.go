//go:build linux

package outage

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"systole/agents/suite"
	"systole/ocf-tests/build"
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
	if err := copyProgram(program, filepath.Join(agents, build.Hidden)); err != nil {
		return "", fmt.Errorf("copying the agents: %w (make build makes bin/%s)", err, suite.Program)
	}
	return folder, build.Links(agents)
}

// BuildAgents builds our agents from the source that the caller is part of, and
// makes such a folder in dir.
func BuildAgents(dir string) (string, error) {
	folder := filepath.Join(dir, "ocf")
	return folder, build.Agents(filepath.Join(folder, Ours))
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
