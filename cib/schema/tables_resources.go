package schema

const (
	primitiveSets = " instance_attributes=set/primitive-params* meta_attributes=set/primitive-meta*"
	otherSets     = " instance_attributes=set/params* meta_attributes=set/meta*"
	notOCF        = "class=lsb|heartbeat|stonith|upstart|service|systemd|nagios"
	container     = "image replicas? replicas-per-host? masters?@-3.10 promoted-max?@3.0- run-command? network? options?"
)

var resourceTables = []table{
	{
		name: "resources",
		forms: []tableForm{{
			kids: "primitive* template*@1.2- group* clone* master*@-3.10 bundle*@2.8-",
		}},
	},
	{
		name:  "primitive",
		types: "id:ID class:class template:IDREF",
		forms: []tableForm{
			{attrs: "id class=ocf provider type description?", kids: agentKids},
			{attrs: "id " + notOCF + " type description?", kids: agentKids},
			{in: "1.2-", attrs: "id template description?", kids: agentKids},
		},
	},
	{
		name:  "template",
		types: "id:ID class:template-class",
		forms: []tableForm{
			{attrs: "id class=ocf provider type description?", kids: agentKids},
			{attrs: "id " + notOCF + " type description?", kids: agentKids},
		},
	},
	{
		name:  "group",
		types: "id:ID",
		forms: []tableForm{{attrs: "id description?", kids: "primitive+" + otherSets}},
	},
	replicated("clone"),
	replicated("master"),
	{
		name:  "operations",
		types: "id:ID id-ref:IDREF",
		forms: []tableForm{{attrs: "id? id-ref?", kids: "op*"}},
	},
	{
		name:  "op",
		types: "id:ID enabled:bool record-pending:bool role:op-role requires:requires on-fail:on-fail",
		forms: []tableForm{{
			attrs: "id name interval description? timeout? start-delay? interval-origin? enabled? record-pending? " +
				"role? requires?@-2.10 on-fail?",
			kids: "instance_attributes=set/op-params* meta_attributes=set/op-meta*",
		}},
		exclusive: []string{"start-delay interval-origin"},
	},
	{
		name:  "bundle",
		types: "id:ID",
		forms: []tableForm{
			{attrs: "id description?", kids: "docker=container" + bundleKids},
			{in: "2.10-3.10", attrs: "id description?", kids: "rkt=container" + bundleKids},
			{in: "3.2-", attrs: "id description?", kids: "podman=container" + bundleKids},
		},
	},
	{
		name:      "container",
		types:     "replicas:integer replicas-per-host:integer masters:integer promoted-max:integer",
		forms:     []tableForm{{attrs: container}},
		exclusive: []string{"masters promoted-max"},
	},
	{
		name:  "network",
		types: "control-port:integer host-netmask:integer add-host:bool",
		forms: []tableForm{{
			attrs: "ip-range-start? control-port? host-interface? host-netmask? add-host?@3.0-",
			kids:  "port-mapping*",
		}},
	},
	{
		name:  "port-mapping",
		types: "id:ID port:integer internal-port:integer range:range",
		forms: []tableForm{{attrs: "id port internal-port?"}, {attrs: "id range"}},
	},
	{
		name:  "storage",
		forms: []tableForm{{kids: "storage-mapping*"}},
	},
	{
		name:  "storage-mapping",
		types: "id:ID",
		forms: []tableForm{
			{attrs: "id source-dir target-dir options?"},
			{attrs: "id source-dir-root target-dir options?"},
		},
	},
}

const (
	agentKids  = "operations?" + primitiveSets + " utilization=set/node*@1.2-"
	bundleKids = " network? storage? primitive?" + otherSets
)

func replicated(name string) table {
	return table{
		name:  name,
		types: "id:ID",
		forms: []tableForm{
			{attrs: "id description?", kids: "primitive" + otherSets},
			{attrs: "id description?", kids: "group" + otherSets},
		},
	}
}
