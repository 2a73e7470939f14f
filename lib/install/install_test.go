package install

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is a file system with a program in it, and options to install it.
func root(t *testing.T) (dir string, o Options) {
	t.Helper()
	dir = t.TempDir()
	exe := filepath.Join(dir, "usr", "sbin", "systole-agents")
	write(t, exe, "program")
	return dir, Options{
		Program: "systole-agents", Links: []string{"Dummy", "Stateful"}, Folder: "/usr/lib/ocf/resource.d/heartbeat",
		Root: dir, executable: exe,
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
}

// tree is what is in the folder of the provider: links as "name -> target",
// files as "name: content".
func tree(t *testing.T, o Options) []string {
	t.Helper()
	entries, err := os.ReadDir(o.folder())
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		path := filepath.Join(o.folder(), e.Name())
		if target, err := os.Readlink(path); err == nil {
			list = append(list, e.Name()+" -> "+target)
			continue
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		list = append(list, e.Name()+": "+string(text))
	}
	return list
}

func TestInstall(t *testing.T) {
	_, o := root(t)
	done, err := Install(o)
	require.NoError(t, err)
	require.Len(t, done, 2)
	want := []string{"Dummy -> /usr/sbin/systole-agents", "Stateful -> /usr/sbin/systole-agents"}
	require.Equal(t, want, tree(t, o))

	done, err = Install(o)
	require.NoError(t, err)
	require.Contains(t, done[0], "unchanged ")
	o.Binary = "/opt/systole-agents"
	_, err = Install(o)
	require.NoError(t, err)
	require.Equal(t, "Dummy -> /opt/systole-agents", tree(t, o)[0], "our own links are renewed")

	_, err = Uninstall(o)
	require.NoError(t, err)
	require.Empty(t, tree(t, o))
	done, err = Uninstall(o)
	require.NoError(t, err)
	require.Empty(t, done)
}

func TestForeignAgents(t *testing.T) {
	_, o := root(t)
	write(t, filepath.Join(o.folder(), "Stateful"), "stock")
	before := tree(t, o)
	_, err := Install(o)
	require.ErrorContains(t, err, "Stateful: with --force")
	require.Equal(t, before, tree(t, o), "nothing was changed")

	o.Force = true
	done, err := Install(o)
	require.NoError(t, err)
	require.Contains(t, done[1], "before: "+o.folder()+"/.Stateful.before-systole")
	require.Equal(t, []string{
		".Stateful.before-systole: stock", "Dummy -> /usr/sbin/systole-agents", "Stateful -> /usr/sbin/systole-agents",
	}, tree(t, o))

	// A package of the distribution has put its own file back.
	require.NoError(t, os.Remove(filepath.Join(o.folder(), "Stateful")))
	write(t, filepath.Join(o.folder(), "Stateful"), "newer stock")
	_, err = Install(o)
	require.NoError(t, err)
	require.Contains(t, tree(t, o), ".Stateful.before-systole: stock")
	require.Contains(t, tree(t, o), ".Stateful.before-systole.1: newer stock")

	done, err = Uninstall(o)
	require.NoError(t, err)
	require.Len(t, done, 2)
	require.Contains(t, tree(t, o), "Stateful: stock")

	require.NoError(t, os.Symlink("/elsewhere/agent", filepath.Join(o.folder(), "Dummy")))
	o.Force = false
	_, err = Install(o)
	require.ErrorContains(t, err, "not ours")
	_, err = Uninstall(o)
	require.NoError(t, err)
	require.Contains(t, tree(t, o), "Dummy -> /elsewhere/agent", "links of others stay")
}

// When one link cannot be made, the others are as before.
func TestAllOrNothing(t *testing.T) {
	_, o := root(t)
	write(t, filepath.Join(o.folder(), "Dummy"), "stock")
	o.Force = true
	o.Links = []string{"Dummy", "no/such/folder"}
	_, err := Install(o)
	require.ErrorContains(t, err, "nothing was installed")
	require.Equal(t, []string{"Dummy: stock"}, tree(t, o))

	require.NoError(t, os.Mkdir(filepath.Join(o.folder(), "Stateful"), 0o755))
	o.Links = []string{"Dummy", "Stateful"}
	_, err = Install(o)
	require.ErrorContains(t, err, "is a directory")
}

func TestProgramOutsideOfTheRoot(t *testing.T) {
	dir, o := root(t)
	o.executable = filepath.Join(t.TempDir(), "systole-agents")
	write(t, o.executable, "newer program")
	done, err := Install(o)
	require.NoError(t, err)
	require.Contains(t, done[0], "copied ")
	require.Equal(t, "Dummy -> /usr/lib/systole/systole-agents", tree(t, o)[0])
	text, err := os.ReadFile(filepath.Join(dir, "usr/lib/systole/systole-agents"))
	require.NoError(t, err)
	require.Equal(t, "newer program", string(text))
	info, err := os.Stat(filepath.Join(dir, "usr/lib/systole/systole-agents"))
	require.NoError(t, err)
	require.EqualValues(t, 0o755, info.Mode().Perm())
}

func TestBadOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		`folder "usr/sbin"`:      func(o *Options) { o.Folder = "usr/sbin" },
		"is not a directory":     func(o *Options) { o.Root = "/no/such/root" },
		"beginning with a slash": func(o *Options) { o.Binary = "bin/x" },
	} {
		_, o := root(t)
		change(&o)
		_, err := Install(o)
		require.ErrorContains(t, err, want)
		_, err = Uninstall(o)
		require.ErrorContains(t, err, want)
	}
}
