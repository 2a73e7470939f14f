package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Some names of pairs are rejected, but not that of a reference; and white
// space around a name can make a difference. What is expected here is what
// xmllint says of Pacemaker's schemas.
func TestRejectedPairs(t *testing.T) {
	const id = `<nvpair id="p" name="x" value="1"/>`
	late := span(V3_0, V3_10)
	for pair, rejected := range map[string]Set{
		`<nvpair id="q" name="stonith_enabled" value="1"/>`:                late,
		`<nvpair id="q" name=" stonith_enabled " value="1"/>`:              late,
		`<nvpair id-ref="p" name="stonith_enabled"/>`:                      span(Oldest, V2_10) | V4_0.set(),
		`<nvpair id="q" name="cluster-infrastructure" value="corosync"/>`:  0,
		`<nvpair id="q" name="cluster-infrastructure" value=" cman "/>`:    late,
		`<nvpair id="q" name="cluster-infrastructure" />`:                  late | V4_0.set(),
		`<nvpair id="q" name="cluster-infrastructure " value="corosync"/>`: late,
		`<nvpair id="q" name="stonith-action" value="poweroff"/>`:          V4_0.set(),
		`<nvpair id="q" name="stonith-action" value="off"/>`:               0,
		`<nvpair id="q" name=" stonith-action" value="off"/>`:              V4_0.set(),
	} {
		root := parse(t, `<cib validate-with="none" admin_epoch="0" epoch="0" num_updates="0"><configuration><crm_config><cluster_property_set id="s">`+
			id+pair+`</cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration><status/></cib>`)
		require.Equal(t, (allVersions &^ rejected).String(), Versions(root).String(), pair)
		for v := Oldest; v <= Latest; v++ {
			require.Equal(t, rejected.Has(v), len(Validate(root, v)) > 0, "%s in %s", pair, v)
		}
	}
}

func TestWhiteSpaceInRejectedName(t *testing.T) {
	root := parse(t, `<cib validate-with="none" admin_epoch="0" epoch="0" num_updates="0"><configuration><crm_config><cluster_property_set id="s">
<nvpair id="q" name="stonith-action " value="off"/></cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration></cib>`)
	problems := Validate(root, V4_0)
	require.Len(t, problems, 1)
	require.Equal(t, `line 2, column 1: /cib/configuration/crm_config/cluster_property_set[@id="s"]/nvpair[@id="q"]: `+
		`the name "stonith-action " is rejected by pacemaker-4.0; remove the white space`, problems[0].String())
}
