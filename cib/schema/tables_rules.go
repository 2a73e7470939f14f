package schema

// The rule language. Three contexts got its additions at different times: the
// cluster options ("options"), resources and nodes, and constraints and alerts
// ("late").
var ruleTables = []table{
	rule("rule", "", "3.4-"),
	rule("rule/options", "/options", "3.4-"),
	rule("rule/late", "", "3.5-"),

	expression("expression", "2.9-"),
	expression("expression/options", "3.0-"),
	{
		name:  "date_expression",
		types: "id:ID operation:date-operation",
		forms: []tableForm{
			{in: "-3.8", attrs: "id operation=in_range start? end"},
			{in: "-3.8", attrs: "id operation=in_range start", kids: "duration"},
			{in: "3.9-", attrs: "id operation=in_range start end?", kids: "duration?"},
			{in: "3.9-", attrs: "id operation=in_range end", kids: "duration?"},
			{attrs: "id operation=gt start"},
			{attrs: "id operation=lt end"},
			{attrs: "id operation=date_spec", kids: "date_spec"},
		},
	},
	{
		name:  "duration",
		types: "id:ID",
		forms: []tableForm{
			{in: "-3.8", attrs: datePartsBefore39},
			{in: "3.9-", attrs: "id years? months? weeks? days? hours? minutes? seconds? monthdays? weekdays? " +
				"yearsdays? weekyears? moon?"},
		},
	},
	{
		name:  "date_spec",
		types: "id:ID",
		forms: []tableForm{
			{in: "-3.8", attrs: datePartsBefore39},
			{in: "3.9-", attrs: "id years? months? monthdays? hours? minutes? seconds? yeardays? weekyears? " +
				"weeks? weekdays? yearsdays? moon?@-3.10"},
		},
	},
	{
		name:  "rsc_expression",
		types: "id:ID",
		forms: []tableForm{{attrs: "id class? provider? type?"}},
	},
	{
		name:  "op_expression",
		types: "id:ID",
		forms: []tableForm{{attrs: "id name interval?"}},
	},
}

const datePartsBefore39 = "id hours? monthdays? weekdays? yearsdays? months? weeks? years? weekyears? moon?"

func rule(name, context, agents string) table {
	kids := "expression=expression" + context + "* date_expression* rule=" + name + "* rsc_expression*@" + agents +
		" op_expression*@" + agents
	return table{
		name:  name,
		types: "id:ID id-ref:IDREF boolean-op:boolean-op score:score",
		forms: []tableForm{
			{attrs: "id-ref"},
			{in: "-3.8", attrs: "id score boolean-op? role?", kids: kids, some: true},
			{in: "-3.8", attrs: "id score-attribute boolean-op? role?", kids: kids, some: true},
			{in: "3.9-", attrs: "id score? score-attribute? boolean-op? role?", kids: kids, some: true},
		},
		exclusive: []string{"score score-attribute"},
	}
}

func expression(name, sources string) table {
	return table{
		name:  name,
		types: "id:ID operation:operation type:value-type value-source:value-source",
		forms: []tableForm{{attrs: "id attribute operation value? type? value-source?@" + sources}},
	}
}
