package rule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func expressionInput() *Input {
	node := map[string]string{
		"#uname": "node1", "empty": "", "word": "Red", "ten": "10", "ten.5": "10.5", "junk": "10abc", "big": "99999999999999999999",
		"v": "1.10", "neg": "-5", "db-site": "x", "meg": "1e6", "Case": "c",
	}
	return &Input{
		Node: node,
		Params: func(name string) (string, bool) {
			return "10", name == "limit"
		},
		Meta: func(name string) (string, bool) {
			return map[string]string{"kind": "RED", "ver": "1.9"}[name], name == "kind" || name == "ver"
		},
		Matches: []string{"db-7", "db", "7"},
	}
}

func TestExpression_01_10_3(t *testing.T) {
	in := expressionInput()
	for _, c := range []struct {
		attrs string
		want  bool
	}{
		// 1: names
		{"attribute='%1-site' operation='defined'", true},
		{"attribute='%3db-site' operation='defined'", true},
		{"attribute='case' operation='defined'", false},
		{"operation='defined'", false},
		// 2: operations
		{"attribute='word' operation='defined'", true},
		{"attribute='none' operation='defined'", false},
		{"attribute='empty' operation='DEFINED'", true},
		{"attribute='word' operation='not_defined'", false},
		{"attribute='none' operation='not_defined'", true},
		{"attribute='word' operation='defined' value='x'", false},
		{"attribute='none' operation='not_defined' value=''", false},
		{"attribute='word' operation='eq'", false},
		{"attribute='word' operation='like' value='x'", false},
		{"attribute='word' value='Red'", false},
		{"attribute='word' operation='Eq' value='Red'", true},
		// 3: value sources
		{"attribute='ten' operation='eq' value='limit' value-source='param'", true},
		{"attribute='ten' operation='gte' value='limit' value-source='PARAM'", true},
		{"attribute='junk' operation='lte' value='limit' value-source='param'", true},
		{"attribute='none' operation='eq' value='other' value-source='param'", true},
		{"attribute='ten' operation='ne' value='other' value-source='param'", true},
		{"attribute='ten' operation='lt' value='other' value-source='param'", false},
		{"attribute='word' operation='eq' value='kind' value-source='meta'", true},
		{"attribute='v' operation='gt' value='ver' value-source='meta' type='version'", true},
		{"attribute='v' operation='gt' value='ver' value-source='meta'", false},
		{"attribute='word' operation='eq' value='Red' value-source='literal'", true},
		{"attribute='word' operation='eq' value='Red' value-source='text'", false},
		{"attribute='word' operation='defined' value-source=''", false},
		// 4: built-in attributes are plain ones
		{"attribute='#uname' operation='eq' value='NODE1'", true},
		// 5: types
		{"attribute='word' operation='eq' value='red' type='STRING'", true},
		{"attribute='ten' operation='eq' value='010' type='integer'", true},
		{"attribute='ten' operation='eq' value='010'", false},
		{"attribute='ten' operation='eq' value='10.0' type='number'", true},
		{"attribute='v' operation='eq' value='1.10.0' type='version'", true},
		{"attribute='ten' operation='eq' value='10' type='float'", false},
		{"attribute='ten' operation='defined' type='float'", false},
		{"attribute='ten' operation='eq' value='10' type=''", false},
		{"attribute='ten' operation='lt' value='9'", false},
		{"attribute='ten' operation='lt' value='9' type='string'", true},
		{"attribute='ten' operation='lt' value='10.5'", true},
		{"attribute='ten.5' operation='gt' value='10'", true},
		{"attribute='ten.5' operation='gt' value='10' type='integer'", false},
		{"attribute='ten.5' operation='eq' value='10' type='integer'", true},
		{"attribute='meg' operation='lt' value='5'", true},
		{"attribute='meg' operation='lt' value='5.0'", false},
		// 6: comparison
		{"attribute='none' operation='eq' value='x'", false},
		{"attribute='none' operation='ne' value='x'", true},
		{"attribute='none' operation='lt' value='5'", false},
		{"attribute='none' operation='gte' value='0'", false},
		{"attribute='empty' operation='eq' value=''", true},
		{"attribute='empty' operation='lt' value='0'", true},
		{"attribute='ten' operation='lte' value='10'", true},
		{"attribute='ten' operation='lt' value='10'", false},
		{"attribute='ten' operation='gte' value='10'", true},
		{"attribute='ten' operation='gt' value='10'", false},
		{"attribute='ten' operation='gt' value='9'", true},
		{"attribute='neg' operation='lt' value='0'", true},
		{"attribute='neg' operation='lt' value='-10'", false},
		{"attribute='word' operation='gt' value='5'", true},
		{"attribute='word' operation='lt' value='s'", true},
		{"attribute='big' operation='gt' value='9223372036854775807'", true},
		{"attribute='big' operation='lt' value='A'", true},
		{"attribute='big' operation='gt' value='100'", true},
		{"attribute='big' operation='lt' value='999999999999999999999'", true},
		{"attribute='word' operation='eq' value='1e999' type='number'", false},
		{"attribute='ten' operation='gt' value='1e999' type='number'", false},
		{"attribute='ten' operation='eq' value='nan' type='number'", true},
		{"attribute='ten' operation='lt' value='nan' type='number'", false},
		{"attribute='v' operation='gt' value='1.9' type='version'", true},
		{"attribute='v' operation='lt' value='1.9'", true},
	} {
		require.Equal(t, c.want, passes(t, and(el("expression id='x' "+c.attrs)), in), c.attrs)
	}
	require.False(t, passes(t, and(el("expression attribute='ten' operation='defined'")), in), "no id")
}

func TestExpressionWithoutTables_01_10_2(t *testing.T) {
	in := &Input{}
	for attrs, want := range map[string]bool{
		"operation='not_defined'":                            true,
		"operation='defined'":                                false,
		"operation='ne' value='x'":                           true,
		"operation='eq' value='x'":                           false,
		"operation='eq' value='x' value-source='param'":      true,
		"operation='eq' value='x' value-source='meta'":       true,
		"operation='lte' value='x' value-source='meta'":      false,
		"operation='ne' value='x' value-source='param'":      false,
		"operation='ne' value='x' type='integer'":            true,
		"operation='gt' value='x' value-source='literal'":    false,
		"operation='not_defined' value-source='param'":       true,
		"operation='not_defined' type='integer'":             true,
		"operation='not_defined' type='nothing of the kind'": false,
	} {
		require.Equal(t, want, passes(t, and(el("expression id='x' attribute='a%1' "+attrs)), in), attrs)
	}
}
