package patch

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/digest"
)

// The digests of CIBs are those of Pacemaker's cibadmin, which is in the same
// package as crm_diff.
func TestDigestsAgainstCibadmin(t *testing.T) {
	program := ""
	for _, candidate := range []string{os.Getenv("CIBADMIN"), "cibadmin", "/usr/sbin/cibadmin"} {
		if found, err := exec.LookPath(candidate); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skipf("there is no cibadmin to compare with: install Debian's package pacemaker-cli-utils, or set CIBADMIN (CI=%q)", os.Getenv("CI"))
	}
	version, err := exec.Command(program, "--version").Output()
	require.NoError(t, err)
	old := strings.Contains(string(version), "Pacemaker 2.")
	files := documents(t)
	step := max(1, len(files) / *pairs)
	for i := 0; i < len(files); i += step {
		data, err := os.ReadFile(files[i])
		require.NoError(t, err)
		root := parse(t, data)
		wanted := map[string]string{"--md5-sum": digest.OnDisk(root), "--md5-sum-versioned": digest.Filtered(root)}
		if old {
			if !plain(root) {
				continue
			}
			wanted["--md5-sum-versioned"] = digest.ForFeatureSet(root, root.Get("crm_feature_set"))
		}
		for flag, want := range wanted {
			out, err := exec.Command(program, flag, "--xml-file", files[i]).Output()
			require.NoError(t, err)
			require.Equal(t, want, strings.TrimSpace(string(out)), "%s %s", flag, files[i])
		}
	}
}
