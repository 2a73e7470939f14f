package cib_test

import (
	"bytes"
	"errors"
	"testing"

	"systole/cib"
	"systole/cib/schema"
	"systole/lib/xmltree"
)

// FuzzLoad: a document is refused with an error that says why, or its result
// is valid and loads unchanged.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		`<cib/>`, `<a/>`, `<cib`,
		`<cib validate-with="pacemaker-4.0" epoch="1" num_updates="2" admin_epoch="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`,
		`<cib validate-with="pacemaker-1.0"><configuration><crm_config><cluster_property_set id="o"><attributes><nvpair id="a" name="b" value="c"/></attributes></cluster_property_set></crm_config><nodes><node id="1" uname="n" type="normal"/></nodes><resources><master id="m"><primitive id="p" class="ocf" provider="heartbeat" type="x"/></master></resources><constraints/></configuration></cib>`,
		`<cib validate-with="pacemaker-3.9"><configuration><crm_config/><nodes/><resources><primitive id="p" class="nagios" type="x"><meta_attributes id="m"><rule id="r" role="Master"/></meta_attributes></primitive></resources><constraints><rsc_location id="l" rsc="p"><lifetime><rule id="q"/></lifetime></rsc_location></constraints></configuration><status/></cib>`,
		`<cib validate-with="none"/>`, `<cib validate-with="pacemaker-9.9"/>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, _, err := cib.Load(data, xmltree.Limits{Bytes: 1 << 16, Depth: 40})
		if err != nil {
			if d != nil {
				t.Fatal("a refused document is there")
			}
			requireKind(t, err)
			return
		}
		_ = d.Version().String()
		once := d.Bytes()
		again, _, err := cib.Load(once, xmltree.Limits{})
		if err != nil {
			t.Fatalf("what was loaded cannot be loaded again: %v\n%s", err, once)
		}
		if twice := again.Bytes(); !bytes.Equal(once, twice) {
			t.Fatalf("loaded otherwise the second time:\n%s\n%s", once, twice)
		}
	})
}

func requireKind(t *testing.T, err error) {
	var (
		syntax  *xmltree.SyntaxError
		limit   *xmltree.LimitError
		root    *cib.RootError
		unknown *schema.UnknownSchemaError
		upgrade *schema.UpgradeError
		invalid *cib.InvalidError
	)
	for _, kind := range []any{&syntax, &limit, &root, &unknown, &upgrade, &invalid} {
		if errors.As(err, kind) {
			_ = err.Error()
			return
		}
	}
	t.Fatalf("%T: %v", err, err)
}
