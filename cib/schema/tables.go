package schema

import "strings"

// grammar is the compiled grammar; every walk begins at its element cib.
// grammarErr can only be set by a mistake in the tables, which the tests would
// show.
var grammar, grammarErr = compile(datatypes, allTables(), "cib")

func allTables() []table {
	var all []table
	for _, part := range [][]table{cibTables, setTables, ruleTables, resourceTables, constraintTables, otherTables} {
		all = append(all, part...)
	}
	return all
}

var datatypes = []datatype{
	{name: "text", kind: kindText, what: "any text"},
	{name: "ID", kind: kindID, what: "an XML name without colons (it begins with a letter or _, then also digits, - and .)"},
	{name: "IDREF", kind: kindIDREF, what: "the id of an element"},
	{name: "object", kind: kindOldRef, what: "the id of an element"},
	{name: "score", kind: kindScore, what: "an integer, INFINITY, +INFINITY or -INFINITY"},
	{name: "integer", kind: kindInteger, what: "an integer"},
	{name: "count", kind: kindCount, what: "an integer that is not negative"},
	{name: "level", kind: kindLevel, what: "an integer from 1 to 9"},
	{name: "bool", kind: kindBoolean, what: "true, false, 1 or 0"},
	{name: "range", kind: kindRange, what: "a port or a range of ports, like 8000-8010"},
	{name: "devices", kind: kindDevices, what: "a comma-separated list of fencing resources, without blanks"},

	enum("schema", "none "+prefix+strings.Join(numbers[:], " "+prefix)),
	enum("node-type", "normal@-2.10 member ping@-3.10 remote@1.3-"),
	enum("class", "ocf lsb heartbeat stonith upstart@-3.10 service@1.2- systemd@1.2- nagios@1.2-3.10"),
	enum("template-class", "ocf lsb heartbeat stonith upstart@-3.10 service@2.7- systemd@2.7- nagios@2.7-3.10"),
	enum("op-role", "Stopped Started Promoted@3.7- Unpromoted@3.7- Slave Master"),
	enum("role", "Stopped Started Promoted@3.7- Unpromoted@3.7- Master Slave"),
	enum("requires", "nothing quorum fencing unfencing@1.3-"),
	enum("on-fail", "ignore block demote@3.4- stop restart standby fence restart-container@1.2-"),
	enum("action", "start promote demote stop"),
	enum("kind", "Optional Mandatory Serialize"),
	enum("ordering", "group listed"),
	enum("discovery", "always never exclusive"),
	enum("loss-policy", "stop demote fence freeze"),
	enum("access", "read write deny"),
	enum("boolean-op", "or and"),
	enum("operation", "lt gt lte gte eq ne defined not_defined"),
	enum("date-operation", "in_range gt lt date_spec"),
	enum("value-type", "string integer@3.5- number version"),
	enum("value-source", "literal param meta"),
}

// enum makes an enumerated type; a value may have its versions after @.
func enum(name, values string) datatype {
	t := datatype{name: name, kind: kindEnum}
	for _, word := range strings.Fields(values) {
		text, versions, _ := strings.Cut(word, "@")
		in, _ := parseSpan(versions) // a mistake gives no versions at all, which tests see
		t.values = append(t.values, choice{text, in})
	}
	return t
}

var cibTables = []table{
	{
		name: "cib",
		types: "validate-with:schema admin_epoch:count epoch:count num_updates:count remote-tls-port:count " +
			"remote-clear-port:count have-quorum:bool no-quorum-panic:bool",
		forms: []tableForm{{
			attrs: "crm_feature_set? validate-with epoch num_updates admin_epoch cib-last-written? update-origin?@1.2- " +
				"update-client?@1.2- update-user?@1.2- have-quorum? dc-uuid? execution-date?@1.2- no-quorum-panic? " +
				"remote-tls-port? remote-clear-port?",
			kids: "configuration, status?",
		}},
	},
	{
		name: "configuration",
		forms: []tableForm{{
			kids: "crm_config nodes resources constraints fencing-topology?@1.2- tags?@1.3- acls?@1.2- " +
				"alerts?@2.5- rsc_defaults? op_defaults?",
		}},
	},
	{name: "status", free: true},
	{
		name:  "crm_config",
		forms: []tableForm{{kids: "cluster_property_set*"}},
	},
	{
		name:  "rsc_defaults",
		forms: []tableForm{{kids: "meta_attributes=set/rsc_defaults*"}},
	},
	{
		name:  "op_defaults",
		forms: []tableForm{{kids: "meta_attributes=set/op_defaults*"}},
	},
	{
		name:  "nodes",
		forms: []tableForm{{kids: "node*"}},
	},
	{
		name:  "node",
		types: "type:node-type score:score",
		forms: []tableForm{
			{
				in:    "1.0",
				attrs: "id uname type description?",
				kids:  "instance_attributes=set/node*",
			},
			{
				in:    "1.2-",
				attrs: "id uname type? description? score?",
				kids:  "instance_attributes=set/node* utilization=set/node*",
			},
		},
	},
}
