package schema

const (
	// In rsc_location the parts follow each other; in the others a lifetime, as
	// long as there were lifetimes, came before the resource_sets.
	oneLocation  = "rule=rule/late+@-3.10 rule=rule/late@4.0, lifetime?@-3.10"
	lifetimeOnly = "lifetime?@-3.10"
	lifetimeSets = "lifetime?@-3.10, resource_set+"
	discovery    = " resource-discovery?@2.2-"
)

var constraintTables = []table{
	{
		name:  "constraints",
		forms: []tableForm{{kids: "rsc_location* rsc_colocation* rsc_order* rsc_ticket*@1.2-"}},
	},
	{
		name:  "rsc_location",
		types: "id:ID rsc:IDREF role:role score:score resource-discovery:discovery",
		forms: []tableForm{
			{attrs: "id rsc role?@1.2- score node" + discovery, kids: lifetimeOnly},
			{attrs: "id rsc role?@1.2-" + discovery, kids: oneLocation},
			{in: "2.6-", attrs: "id rsc-pattern role? score node" + discovery, kids: lifetimeOnly},
			{in: "2.6-", attrs: "id rsc-pattern role?" + discovery, kids: oneLocation},
			{in: "1.2-", attrs: "id score node" + discovery, kids: "resource_set+, " + lifetimeOnly},
			{in: "1.2-", attrs: "id" + discovery, kids: "resource_set+, " + oneLocation},
		},
	},
	{
		name:  "rsc_colocation",
		types: "id:ID rsc:IDREF with-rsc:IDREF score:score rsc-role:role with-rsc-role:role",
		forms: []tableForm{
			{
				attrs: "id score? score-attribute?@-2.10 score-attribute-mangle?@-2.10 rsc with-rsc influence?@3.6- " +
					"node-attribute? rsc-role? with-rsc-role?",
				kids: lifetimeOnly,
			},
			{
				attrs: "id score? score-attribute?@-2.10 score-attribute-mangle?@-2.10 influence?@3.6-",
				kids:  lifetimeSets,
			},
		},
		exclusive: []string{"score score-attribute score-attribute-mangle"},
	},
	{
		name: "rsc_order",
		types: "id:ID first:IDREF then:IDREF symmetrical:bool require-all:bool score:score kind:kind " +
			"first-action:action then-action:action",
		forms: []tableForm{
			{
				attrs: "id symmetrical? require-all?@2.3- score? kind? first then first-action? then-action?",
				kids:  lifetimeOnly,
			},
			{
				attrs: "id symmetrical? require-all?@2.3- score? kind?",
				kids:  lifetimeSets,
			},
		},
		exclusive: []string{"score kind"},
	},
	{
		name:  "rsc_ticket",
		types: "id:ID rsc:IDREF rsc-role:role loss-policy:loss-policy",
		forms: []tableForm{
			{attrs: "id rsc rsc-role? ticket loss-policy?"},
			{attrs: "id ticket loss-policy?", kids: "resource_set+"},
		},
	},
	{
		name: "resource_set",
		types: "id:ID id-ref:IDREF sequential:bool require-all:bool ordering:ordering action:action role:role " +
			"score:score kind:kind",
		forms: []tableForm{
			{
				attrs: "id sequential? require-all?@1.2- ordering?@2.1- action? role? score? kind?@3.0-",
				kids:  "resource_ref+",
			},
			{attrs: "id-ref"},
		},
		exclusive: []string{"score kind"},
	},
	{
		name:  "resource_ref",
		types: "id:IDREF",
		forms: []tableForm{{attrs: "id"}},
	},
	{
		name:  "lifetime",
		forms: []tableForm{{kids: "rule=rule/late+"}},
	},
}
