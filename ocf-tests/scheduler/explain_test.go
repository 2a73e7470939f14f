package scheduler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/schema"
	"systole/crm/explain"
	"systole/crm/render"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// TestExplain asks about everything in every case: what is recorded for it must
// not change a decision, every change has a reason, and every node that is not
// chosen has something against it.
func TestExplain(t *testing.T) {
	dir := folder(t)
	files, err := filepath.Glob(filepath.Join(dir, "xml", "*.xml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".xml"), func(t *testing.T) {
			t.Parallel()
			explainCase(t, file)
		})
	}
}

func plan(t *testing.T, file string, trail bool) *scheduler.State {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	root, err := xmltree.Parse(data, xmltree.Limits{})
	require.NoError(t, err)
	if root.Child("status") == nil {
		root.Add("status")
	}
	_, err = schema.Upgrade(root)
	require.NoError(t, err)
	s, err := scheduler.Unpack(root, scheduler.Options{RealNow: 1_750_000_000, Trail: trail})
	require.NoError(t, err)
	require.NoError(t, s.Plan())
	return s
}

func explainCase(t *testing.T, file string) {
	s, without := plan(t, file, true), plan(t, file, false)
	require.Equal(t, string(without.Graph().AppendXML(nil)), string(s.Graph().AppendXML(nil)), "the trail changes a decision")
	require.Empty(t, without.Trail)

	x := explain.New(s)
	var text render.Text
	json := render.NewJSON(nil)
	text.Reasons(x)
	json.Reasons(x)
	for _, c := range x.Changes() {
		require.NotEmpty(t, c.Why, "%s %s has no reason", c.Row.Verb, c.Row.Rsc.ID)
		for _, f := range c.Why {
			require.NotEmpty(t, f.Text)
			require.NotEmpty(t, f.Kind, f.Text)
		}
	}
	for _, n := range s.Nodes {
		rep := x.Node(n)
		if n.Unclean {
			require.NotEmpty(t, rep.Why, "%s is unclean, and nothing says why or what is done about it", n.Name)
		}
		text.Node(s, rep)
		json.Node(s, rep)
	}
	for _, r := range s.Resources {
		rep := x.Resource(r)
		checkReport(t, rep)
		text.Resource(s, rep, nil)
		text.Resource(s, rep, s.Nodes[0])
		json.Resource(s, rep, nil)
	}
	require.NotContains(t, string(text.Take()), "%!")
	json.Finish(0)
	require.True(t, strings.HasPrefix(string(json.Take()), "{\n"))
}

// checkReport looks for what is left unsaid.
func checkReport(t *testing.T, rep *explain.Report) {
	chosen := false
	for i := range rep.Places {
		chosen = chosen || rep.Places[i].Chosen
	}
	for i := range rep.Places {
		p := &rep.Places[i]
		if rep.Rsc.IsLeaf() && rep.Rsc.Managed() && chosen && !p.Chosen {
			require.NotEmpty(t, p.Why, "nothing says why %s is not on %s", rep.Rsc.ID, p.Node.Name)
		}
	}
	if rep.Rsc.IsLeaf() && rep.Rsc.Assigned == nil && len(rep.Rsc.Active) == 0 {
		require.NotEmpty(t, rep.Absent, "nothing says why %s is placed nowhere", rep.Rsc.ID)
	}
	for _, part := range rep.Parts {
		checkReport(t, part)
	}
}
