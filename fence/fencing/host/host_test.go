package host

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
)

// box is a device that holds a password, and tells it in every error.
type box struct {
	on       bool
	password string
	timeouts bool
}

func (b *box) Status(context.Context, string) (fencing.Status, error) {
	if b.on {
		return fencing.Status{State: fencing.On}, nil
	}
	return fencing.Status{State: fencing.Off}, nil
}

func (b *box) Turn(_ context.Context, _ string, on bool) error { b.on = on; return nil }

func (b *box) Close() {}

func (b *box) agent() *fencing.Agent {
	return &fencing.Agent{
		Description: fencing.Description{
			Name: "fence_box", Short: "A box", Long: "For tests.",
			Options: fencing.Standard("ip", "username", "password", "password_script"),
		},
		Open: func(_ context.Context, v *fencing.Values, w fencing.World) (fencing.Device, error) {
			b.timeouts = !v.Bool("disable_timeout")
			w.Log(fencing.Debug, "the password is "+v.Secret("password").Reveal())
			if got := v.Secret("password").Reveal(); got != b.password {
				return nil, fencing.Errorf(fencing.LoginDenied, "user %s with password %s is not known", v.String("username"), got)
			}
			return b, nil
		},
	}
}

type result struct {
	code           int
	stdout, stderr string
}

func (b *box) call(environ []string, stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := Main(b.agent(), Process{
		Args: append([]string{"/usr/sbin/fence_box"}, args...), Environ: append([]string{"PATH=" + os.Getenv("PATH")}, environ...),
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, Began: time.Now(), Quiet: true,
	})
	return result{code, stdout.String(), stderr.String()}
}

func TestMain_Calls(t *testing.T) {
	script := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\necho geheim\n"), 0o700))
	lines := "ip=b\nusername=u\n"
	for name, c := range map[string]struct {
		environ []string
		stdin   string
		args    []string
		code    int
		stdout  string
		stderr  string
	}{
		"password on standard input": {stdin: lines + "password=geheim\naction=status\n", stdout: "Status: ON\n"},
		"password in environment":    {environ: []string{"FENCE_PASSWORD=geheim"}, stdin: lines + "action=status\n", stdout: "Status: ON\n"},
		"password of a script":       {stdin: lines + "password_script=" + script + "\naction=status\n", stdout: "Status: ON\n"},
		"given counts more":          {environ: []string{"FENCE_PASSWORD=falsch"}, stdin: lines + "password=geheim\naction=status\n", stdout: "Status: ON\n"},
		"no script":                  {stdin: lines + "password_script=/no/such\naction=status\n", code: 1, stderr: "password_script"},
		"script says nothing":        {stdin: lines + "password_script=true\naction=status\n", code: 1, stderr: "no secret of one line"},
		"wrong password":             {stdin: lines + "password=geheim2\naction=monitor\n", code: 1, stderr: "Unable to connect/login to fencing device: user u with password *** is not known"},
		"wrong password, verbose":    {stdin: lines + "password=geheim2\naction=monitor\nverbose=1\n", code: 1, stderr: "DEBUG: the password is ***"},
		"metadata needs nothing":     {stdin: "action=metadata\n", stdout: `<resource-agent name="fence_box"`},
		"meta-data":                  {args: []string{"-o", "meta-data"}, stdout: `<resource-agent name="fence_box"`},
		"manpage":                    {args: []string{"-o", "manpage"}, stdout: `.TH "fence_box" "8"`},
		"help":                       {args: []string{"-h"}, stdout: "Usage:\n\tfence_box"},
		"version":                    {args: []string{"-V"}, stdout: fencing.Version},
		"validate":                   {stdin: lines + "password=x\naction=validate-all\n"},
		"validate, bad":              {stdin: "action=validate-all\n", code: 1, stderr: "Please use '-h' for usage"},
		"quiet":                      {stdin: lines + "password=geheim\naction=status\nquiet=1\nfoo=bar\n", stdout: "Status: ON\n"},
		"bad option":                 {args: []string{"--geheim"}, code: 1, stderr: "is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			r := (&box{on: true, password: "geheim"}).call(c.environ, c.stdin, c.args...)
			require.Equal(t, c.code, r.code, r.stderr)
			require.Contains(t, r.stdout, c.stdout)
			require.Contains(t, r.stderr, c.stderr)
			if name == "quiet" {
				require.Empty(t, r.stderr)
			}
			if name != "bad option" {
				require.NotContains(t, r.stderr, "geheim")
			}
		})
	}
}

// TestMain_Fenced: beside Pacemaker the timeouts of the agent are off.
func TestMain_Fenced(t *testing.T) {
	lines := "ip=b\nusername=u\npassword=p\naction=status\n"
	b := &box{on: true, password: "p"}
	require.Zero(t, b.call([]string{"PCMK_service=pacemaker-fenced"}, lines).code)
	require.False(t, b.timeouts)
	require.Zero(t, b.call([]string{"PCMK_service=pacemaker-fenced"}, lines+"disable_timeout=0\n").code)
	require.True(t, b.timeouts)
	require.Zero(t, b.call(nil, lines).code)
	require.True(t, b.timeouts)
}

func TestMain_Evidence(t *testing.T) {
	file, debug := filepath.Join(t.TempDir(), "evidence"), filepath.Join(t.TempDir(), "debug")
	b := &box{on: true, password: "geheim"}
	lines := "ip=b\nusername=u\npassword=geheim\nevidence=" + file + "\ndebug_file=" + debug + "\nverbose=1\n"
	require.Equal(t, "Success: Powered OFF\n", b.call(nil, lines+"action=off\n").stdout)
	require.Equal(t, 2, b.call(nil, lines+"action=status\n").code)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	list := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, list, 2)
	var e fencing.Evidence
	require.NoError(t, json.Unmarshal([]byte(list[0]), &e))
	require.Equal(t, "off", e.Action)
	require.Equal(t, "b", e.Device)
	require.Equal(t, "Success: Powered OFF", e.Result)
	require.GreaterOrEqual(t, len(e.Events), 6, "open, status, turn, and off three times")
	for _, f := range []string{file, debug} {
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o007, "not for all users")
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NotContains(t, string(text), "geheim")
	}
	require.Contains(t, b.call(nil, strings.Replace(lines, file, "/no/such/file", 1)+"action=on\n").stderr, "could not write the evidence")
}
