package rule

import "testing"

func BenchmarkEval(b *testing.B) {
	r := Compile(or(
		el("expression id='1' attribute='#uname' operation='eq' value='node2'"),
		el("expression id='2' attribute='mem' operation='gt' value='20'"),
		el("date_expression id='d' start='2030-01-01' end='2031-01-01'"),
	), nil)
	in := &Input{Node: map[string]string{"#uname": "node1", "mem": "10"}, Now: 1893456000}
	b.ReportAllocs()
	for b.Loop() {
		r.Eval(in)
	}
}

// Evaluating for one more node must not allocate.
func TestEvalDoesNotAllocate(t *testing.T) {
	r := Compile(and(
		el("expression id='1' attribute='#uname' operation='eq' value='node1'"),
		el("expression id='2' attribute='mem' operation='gt' value='5.5'"),
		el("date_expression id='d' start='2030-01-01'", el("duration id='l' months='1'")),
		el("date_expression id='e' operation='date_spec'", el("date_spec id='s' hours='0-23'")),
	), nil)
	in := &Input{Node: map[string]string{"#uname": "node1", "mem": "10"}, Now: 1893456001}
	if !r.must(in) {
		t.Fatal("the rule does not pass")
	}
	if n := testing.AllocsPerRun(100, func() { r.Eval(in) }); n != 0 {
		t.Errorf("%.0f allocations", n)
	}
}
