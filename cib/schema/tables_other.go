package schema

// Fencing topology, tags, ACLs and alerts.
var otherTables = []table{
	{
		name:  "fencing-topology",
		forms: []tableForm{{kids: "fencing-level*"}},
	},
	{
		name:  "fencing-level",
		types: "id:ID index:level devices:devices",
		forms: []tableForm{
			{attrs: "id target index devices"},
			{attrs: "id target-pattern index devices"},
			{in: "2.4-", attrs: "id target-attribute target-value index devices"},
		},
	},
	{
		name:  "tags",
		forms: []tableForm{{kids: "tag*"}},
	},
	{
		name:  "tag",
		types: "id:ID",
		forms: []tableForm{{attrs: "id", kids: "obj_ref+"}},
	},
	{
		name:  "obj_ref",
		types: "id:object",
		forms: []tableForm{{attrs: "id"}},
	},
	{
		name: "acls",
		forms: []tableForm{
			{in: "1.2-1.3", kids: "acl_user* acl_role*"},
			{in: "2.0-", kids: "acl_target* acl_group* acl_role*"},
		},
	},
	{
		name:  "acl_user",
		types: "id:ID",
		forms: []tableForm{
			{attrs: "id", kids: "role_ref*"},
			{attrs: "id", kids: oldPermissions},
		},
	},
	{
		name:  "role_ref",
		types: "id:IDREF",
		forms: []tableForm{{attrs: "id"}},
	},
	{
		name:  "old_permission",
		types: "id:ID ref:IDREF",
		forms: []tableForm{
			{attrs: "id tag ref? attribute?"},
			{attrs: "id ref attribute?"},
			{attrs: "id xpath attribute?"},
		},
	},
	{
		name:  "acl_target",
		forms: []tableForm{{attrs: "id name?@3.8-", kids: "role*"}},
	},
	{
		name:  "acl_group",
		types: "id:ID",
		forms: []tableForm{{attrs: "id name?@3.8-", kids: "role*"}},
	},
	{
		name:  "role",
		types: "id:IDREF",
		forms: []tableForm{{attrs: "id"}},
	},
	{
		name:  "acl_role",
		types: "id:ID",
		forms: []tableForm{
			{in: "1.2-1.3", attrs: "id", kids: oldPermissions},
			{in: "2.0-", attrs: "id description?", kids: "acl_permission*"},
		},
	},
	{
		name:  "acl_permission",
		types: "id:ID kind:access reference:IDREF",
		forms: []tableForm{
			{attrs: "id kind xpath description?"},
			{attrs: "id kind reference description?"},
			{attrs: "id kind object-type attribute? description?"},
		},
	},
	{
		name:  "alerts",
		forms: []tableForm{{kids: "alert*"}},
	},
	{
		name:  "alert",
		types: "id:ID",
		forms: []tableForm{
			{in: "-2.9", attrs: "id description? path", kids: alertSets + ", recipient*"},
			{in: "2.10-", attrs: "id description? path", kids: alertSets + " select? recipient*"},
		},
	},
	{
		name:  "recipient",
		types: "id:ID",
		forms: []tableForm{{attrs: "id description? value", kids: alertSets}},
	},
	{
		name: "select",
		forms: []tableForm{{
			kids: "select_attributes? select_fencing=empty? select_nodes=empty? select_resources=empty?",
		}},
	},
	{
		name:  "select_attributes",
		forms: []tableForm{{kids: "attribute*"}},
	},
	{
		name:  "attribute",
		types: "id:ID",
		forms: []tableForm{{attrs: "id name"}},
	},
	{name: "empty", forms: []tableForm{{}}},
}

const (
	oldPermissions = "read=old_permission* write=old_permission* deny=old_permission*"
	alertSets      = "instance_attributes=set/alert* meta_attributes=set/alert*"
)
