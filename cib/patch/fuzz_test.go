package patch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

// smallLimits keep what the fuzzer makes small.
var smallLimits = xmltree.Limits{Bytes: 1 << 16, Depth: 40}

func goldenSections(f *testing.F, add func(sections map[string]string)) {
	files, err := filepath.Glob("testdata/golden/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		add(readScenario(f, string(data)).sections)
	}
}

func FuzzParseAndApply(f *testing.F) {
	goldenSections(f, func(s map[string]string) {
		if doc, ok := s["document"]; ok {
			f.Add([]byte(doc), []byte(s["patch"]))
		} else if s["patch"] != "" {
			f.Add([]byte(s["old"]), []byte(s["patch"]))
		}
	})
	f.Fuzz(func(t *testing.T, document, set []byte) {
		root, err := xmltree.Parse(document, smallLimits)
		if err != nil {
			return
		}
		diff, err := xmltree.Parse(set, smallLimits)
		if err != nil {
			return
		}
		s, err := Parse(diff, Limits{Changes: 1000, Depth: 60})
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		requireReadAsWritten(t, s)
		before := text(root)
		for _, opt := range []ApplyOptions{{}, {AnyVersion: true}} {
			opt.Limits.Depth = 60
			got, err := s.Apply(root, opt)
			require.Equal(t, before, text(root))
			if err != nil {
				require.Nil(t, got)
				require.NotEmpty(t, err.Error())
				continue
			}
			requireParents(t, got, nil)
			if s.Digest != "" {
				require.NoError(t, s.checkDigest(got))
			}
		}
		s.ConfigChanged()
	})
}

func FuzzDiff(f *testing.F) {
	goldenSections(f, func(s map[string]string) {
		if s["old"] != "" {
			f.Add([]byte(s["old"]), []byte(s["new"]), uint8(0))
			f.Add([]byte(s["new"]), []byte(s["old"]), uint8(7))
			f.Add([]byte(s["old"]), []byte(s["new"]), uint8(9))
		}
	})
	f.Fuzz(func(t *testing.T, a, b []byte, flags uint8) {
		old, err := xmltree.Parse(a, smallLimits)
		if err != nil {
			return
		}
		new, err := xmltree.Parse(b, smallLimits)
		if err != nil {
			return
		}
		opt := Options{Digest: flags&1 != 0, IgnoreAttrOrder: flags&2 != 0, NoVersion: flags&4 != 0, Bump: flags&16 != 0}
		if flags&8 != 0 {
			opt.Format = 1
		}
		s, err := Diff(old, new, opt)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		requireReadAsWritten(t, s)
		got, err := s.Apply(old, ApplyOptions{AnyVersion: true})
		require.NoError(t, err)
		if opt.Format == 0 && !opt.IgnoreAttrOrder && !opt.NoVersion && !opt.Bump {
			require.Equal(t, text(new), text(got))
		}
	})
}
