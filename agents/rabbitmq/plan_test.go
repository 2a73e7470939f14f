package rabbitmq

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const a, b, c = "rabbit@a", "rabbit@b", "rabbit@c"

var abc = []string{a, b, c}

func clustered(running ...string) Data {
	return Data{Kind: Clustered, Members: abc, Running: running, Queues: true}
}

func down(name, phase string, d Data) Peer {
	return Peer{Name: name, Note: Note{Name: name, Phase: phase, Data: d}, Sight: Sight{Refused: true}}
}

func comingUp(name, phase string, d Data) Peer {
	p := down(name, phase, d)
	p.Sight = Sight{Registered: true, Alive: true, Booting: true}
	return p
}

func running(name string, members, connected []string) Peer {
	return Peer{
		Name: name, Started: true, Note: Note{Name: name, Phase: started, Data: Data{Kind: Alone, Members: []string{name}}},
		Sight: Sight{Registered: true, Alive: true, Running: true, Members: members, Connected: connected},
	}
}

// absent is a peer that nothing is known of but its name: its node is off.
func absent(name string) Peer { return Peer{Name: name} }

func TestPlan_Table(t *testing.T) {
	none, alone := Data{Kind: None}, Data{Kind: Alone, Members: []string{a}, Running: []string{a}}
	queues := alone
	queues.Queues = true
	other := func(name string, q bool) Data {
		return Data{Kind: Alone, Members: []string{name}, Running: []string{name}, Queues: q}
	}
	foreign := Data{Kind: Clustered, Members: []string{a, "rabbit@x"}, Running: []string{a}}
	khepri := func(kind Kind, members ...string) Data {
		return Data{Kind: kind, Members: members, Khepri: true, Queues: true}
	}
	removed := absent(c)
	removed.Removed = true
	unseen := down(b, started, clustered(a, b, c))
	unseen.Started, unseen.Sight = true, Sight{}
	for name, k := range map[string]struct {
		Situation
		move    Move
		blocked bool
		why     string
	}{
		"not mounted":                             {Situation{Data: none, Unmounted: "/var/lib/rabbitmq"}, Refuse, false, "mount it"},
		"new, single":                             {Situation{Data: none}, Found, false, "founds it"},
		"new, all probed":                         {Situation{Data: none, Phase: starting, Peers: []Peer{down(b, idle, none), down(c, idle, none)}}, Claim, false, "is to found it"},
		"new, claimed":                            {Situation{Data: none, Phase: founding, Peers: []Peer{down(b, starting, none), down(c, idle, none)}}, Found, false, "founds it"},
		"new, claimed with a later name":          {Situation{Data: none, Phase: founding, Peers: []Peer{down(b, founding, none)}}, Found, false, "founds it"},
		"new, another has claimed":                {Situation{Data: none, Phase: starting, Peers: []Peer{down(b, founding, none)}}, Wait, false, "rabbit@b is about to found"},
		"new, another founds":                     {Situation{Data: none, Phase: starting, Peers: []Peer{comingUp(b, founding, other(b, false))}}, Wait, false, "waits to join rabbit@b"},
		"empty, another has a cluster's data":     {Situation{Data: none, Peers: []Peer{down(b, idle, clustered(b, c))}}, Wait, true, "waits to join rabbit@b"},
		"empty, it is being started":              {Situation{Data: none, Peers: []Peer{down(b, starting, clustered(b, c))}}, Wait, false, "waits to join rabbit@b"},
		"empty, a former member is off":           {Situation{Data: none, Peers: []Peer{down(b, idle, none), absent(c)}}, Wait, true, "may be the only copy: start its node"},
		"empty, a former member was removed":      {Situation{Data: none, Peers: []Peer{removed}}, Found, false, "founds it"},
		"empty, another was alone":                {Situation{Data: none, Peers: []Peer{down(b, starting, other(b, false))}}, Wait, false, "waits to join rabbit@b"},
		"empty, another's note is out of date":    {Situation{Data: none, Peers: []Peer{down(b, started, none)}}, Wait, true, "waits to join rabbit@b"},
		"alone":                                   {Situation{Data: alone}, Found, false, "founds it"},
		"alone, with queues":                      {Situation{Data: queues, Peers: []Peer{down(b, starting, other(b, false))}}, Found, false, "only data with queues"},
		"alone, another has queues":               {Situation{Data: alone, Peers: []Peer{down(b, starting, other(b, true))}}, Wait, false, "waits to join rabbit@b"},
		"alone, both have queues":                 {Situation{Data: queues, Peers: []Peer{down(b, idle, other(b, true))}}, Refuse, false, "decide which messages are wanted"},
		"alone, another has a cluster's":          {Situation{Data: queues, Peers: []Peer{down(b, idle, clustered(b, c))}}, Wait, true, "waits to join rabbit@b"},
		"alone, a former member is off":           {Situation{Data: alone, Peers: []Peer{absent(b)}}, Wait, true, "only copy"},
		"join":                                    {Situation{Data: none, Peers: []Peer{running(b, []string{b}, []string{b})}}, Join, false, "joining rabbit@b"},
		"join, the cluster knows it":              {Situation{Data: none, Peers: []Peer{running(b, abc, []string{b, c})}}, Forget, false, "it becomes a new member"},
		"join, its end was not noticed":           {Situation{Data: none, Peers: []Peer{running(b, abc, abc)}}, Wait, false, "has not noticed the end yet"},
		"rejoin":                                  {Situation{Data: clustered(a, b), Peers: []Peer{running(b, abc, []string{b, c})}}, Rejoin, false, "rejoining"},
		"rejoin, its end was not noticed":         {Situation{Data: clustered(a, b), Peers: []Peer{running(b, abc, abc)}}, Rejoin, false, "rejoining"},
		"forgotten":                               {Situation{Data: clustered(a, b), Peers: []Peer{running(b, []string{b, c}, []string{b, c})}}, SetAside, false, "has forgotten this node"},
		"data of another cluster":                 {Situation{Data: foreign, Peers: []Peer{running(b, []string{b, c}, []string{b})}}, Refuse, false, "another cluster"},
		"alone beside a cluster":                  {Situation{Data: alone, Peers: []Peer{running(b, []string{b, c}, []string{b})}}, SetAside, false, "no queues"},
		"alone with queues beside a cluster":      {Situation{Data: queues, Peers: []Peer{running(b, []string{b, c}, []string{b})}}, Refuse, false, "are nowhere else"},
		"two clusters run":                        {Situation{Data: none, Peers: []Peer{running(b, []string{b}, []string{b}), running(c, []string{c}, []string{c})}}, Refuse, false, "different clusters"},
		"running, and nothing said":               {Situation{Data: none, Peers: []Peer{running(b, nil, nil)}}, Wait, false, "has not said"},
		"the larger side is spoken with":          {Situation{Data: none, Peers: []Peer{running(b, []string{b, c, "rabbit@d"}, []string{b}), running(c, []string{b, c, "rabbit@d"}, []string{c, "rabbit@d"})}}, Join, false, "joining rabbit@c"},
		"outage, a peer may run behind a cut":     {Situation{Data: clustered(a), Peers: []Peer{unseen, absent(c)}}, Wait, true, "mend the network"},
		"outage, all there":                       {Situation{Data: clustered(abc...), Peers: []Peer{comingUp(b, starting, clustered(abc...)), comingUp(c, starting, clustered(abc...))}}, Recover, false, "all members"},
		"outage, the others have to be started":   {Situation{Data: clustered(abc...), Peers: []Peer{comingUp(b, waiting, clustered(abc...)), down(c, idle, clustered(abc...))}}, Recover, true, "wait for rabbit@c"},
		"outage, one is off and may be newer":     {Situation{Data: clustered(abc...), Peers: []Peer{comingUp(b, waiting, clustered(abc...)), absent(c)}}, Recover, true, "who was the last"},
		"outage, the one that is off had gone":    {Situation{Data: clustered(a, b), Peers: []Peer{down(b, idle, clustered(a, b)), absent(c)}}, ForceBoot, false, "nothing newer can come from rabbit@c"},
		"outage, another forces":                  {Situation{Data: clustered(a, b), Peers: []Peer{down(b, forcing, clustered(a, b)), absent(c)}}, Recover, false, "rabbit@b is being started by force"},
		"outage, the one to force is up already":  {Situation{Self: b, Data: clustered(a, b), Peers: []Peer{comingUp(a, waiting, clustered(a, b)), absent(c)}}, ForceBoot, false, "nothing newer"},
		"outage, one was wiped":                   {Situation{Data: clustered(abc...), Peers: []Peer{down(b, starting, clustered(abc...)), down(c, idle, none)}}, ForceBoot, false, "nothing newer can come from rabbit@c"},
		"outage, one was wiped, second":           {Situation{Self: b, Data: clustered(abc...), Peers: []Peer{down(a, idle, clustered(abc...)), down(c, idle, none)}}, Recover, true, "rabbit@a is to start first"},
		"outage, one was wiped, one out of date":  {Situation{Data: clustered(abc...), Peers: []Peer{down(b, started, clustered(abc...)), down(c, idle, none)}}, Recover, true, "who was the last"},
		"outage, one was removed":                 {Situation{Data: clustered(abc...), Peers: []Peer{down(b, idle, clustered(abc...)), removed}}, ForceBoot, false, "nothing newer"},
		"outage, last":                            {Situation{Data: clustered(a), Peers: []Peer{down(b, idle, clustered(a, b)), absent(c)}}, Recover, false, "it was the last to run"},
		"outage, not last":                        {Situation{Data: clustered(a, b), Peers: []Peer{down(b, idle, clustered(b)), absent(c)}}, Recover, true, "not the last to run, and may have to wait for rabbit@b"},
		"outage, each saw the other go":           {Situation{Data: clustered(a), Peers: []Peer{down(b, idle, clustered(b))}}, Recover, false, "last"},
		"outage, one joined when all ended":       {Situation{Data: clustered(abc...), Peers: []Peer{down(b, idle, clustered(abc...)), down(c, joining, none)}}, Recover, false, "who was the last"},
		"outage, another saw one join at the end": {Situation{Data: clustered(a, b), Peers: []Peer{down(b, idle, clustered(abc...)), down(c, joining, none)}}, Recover, false, "who was the last"},
		"outage, nobody saw one join":             {Situation{Data: clustered(a, b), Peers: []Peer{down(b, idle, clustered(a, b)), down(c, joining, none)}}, ForceBoot, false, "rabbit@c"},
		"outage, what one told while it waited":   {Situation{Data: clustered(a, b), Peers: []Peer{down(b, waiting, clustered(a, b)), absent(c)}}, Recover, true, "who was the last"},
		"khepri, first":                           {Situation{Data: khepri(Clustered, abc...), Peers: []Peer{down(b, idle, khepri(Clustered, abc...)), absent(c)}}, Recover, true, "majority"},
		"khepri, majority":                        {Situation{Data: khepri(Clustered, abc...), Peers: []Peer{comingUp(b, waiting, khepri(Clustered, abc...)), absent(c)}}, Recover, false, "a majority of the members is there"},
		"khepri, one wiped: nothing is forced":    {Situation{Data: khepri(Clustered, abc...), Peers: []Peer{down(b, starting, khepri(Clustered, abc...)), down(c, idle, none)}}, Recover, true, "majority"},
		"khepri, members not known":               {Situation{Data: khepri(Unknown), Peers: []Peer{down(b, starting, khepri(Unknown))}}, Recover, false, "majority"},
		"khepri, members not known, forgotten":    {Situation{Data: khepri(Unknown), Peers: []Peer{running(b, []string{b, c}, []string{b, c})}}, Refuse, false, "nowhere else"},
		"khepri, members not known, rejoin":       {Situation{Data: khepri(Unknown), Peers: []Peer{running(b, abc, []string{b, c})}}, Rejoin, false, "rejoining"},
		"outage, former member of another's view": {Situation{Data: Data{Kind: Clustered, Members: []string{a, b}, Running: []string{a, b}}, Peers: []Peer{down(b, idle, clustered(abc...)), absent(c)}}, ForceBoot, false, "rabbit@c"},
	} {
		t.Run(name, func(t *testing.T) {
			s := k.Situation
			if s.Self == "" {
				s.Self = a
			}
			p := MakePlan(s)
			require.Equal(t, k.move.String(), p.Move.String(), p.Why)
			require.Contains(t, p.Why, k.why)
			require.Equal(t, k.blocked, p.Blocked, p)
			if p.Move == Wait {
				require.NotEmpty(t, p.For)
			}
		})
	}
}

// TestPlan_Outages is the table of all full outages of three nodes: each node has
// lost its data, or has seen any set of the others go before it ended, or is off.
// For each, who starts how. testdata/outages.txt is to be read; REWRITE=yes writes it.
func TestPlan_Outages(t *testing.T) {
	var views [][]*Data
	for i, self := range abc {
		list := []*Data{nil, {Kind: None}}
		for set := range 4 {
			d := clustered(self)
			for k, other := range without(abc, self) {
				if set&(1<<k) != 0 {
					d.Running = append(d.Running, other)
				}
			}
			slices.Sort(d.Running)
			list = append(list, &d)
		}
		views = append(views, list)
		require.Len(t, views[i], 6)
	}
	short := func(names []string) string { return strings.ReplaceAll(strings.Join(names, ""), "rabbit@", "") }
	var text strings.Builder
	text.WriteString("# what a, b and c have: off, none, or the members that ran when they ended -> what each does\n")
	for _, da := range views[0] {
		for _, db := range views[1] {
			for _, dc := range views[2] {
				data := []*Data{da, db, dc}
				var have, plans []string
				moves := map[Move][]string{}
				for i, self := range abc {
					switch d := data[i]; {
					case d == nil:
						have, plans = append(have, "off"), append(plans, "-")
						continue
					case d.Kind == None:
						have = append(have, "none")
					default:
						have = append(have, short(d.Running))
					}
					s := Situation{Self: self, Data: *data[i]}
					for k, other := range abc {
						switch {
						case other == self:
						case data[k] == nil:
							s.Peers = append(s.Peers, absent(other))
						default:
							s.Peers = append(s.Peers, down(other, idle, *data[k]))
						}
					}
					p := MakePlan(s)
					plan := p.Move.String()
					if len(p.For) > 0 {
						plan += "(" + short(p.For) + ")"
					}
					plans = append(plans, plan)
					moves[p.Move] = append(moves[p.Move], self)
					checkOutage(t, s, p)
				}
				fmt.Fprintf(&text, "%-4s %-4s %-4s -> %-18s %-18s %s\n", have[0], have[1], have[2], plans[0], plans[1], plans[2])
				require.LessOrEqual(t, len(moves[ForceBoot]), 1, have)
				require.LessOrEqual(t, len(moves[Found]), 1, have)
				require.LessOrEqual(t, len(moves[Claim]), 3, have)
			}
		}
	}
	const file = "testdata/outages.txt"
	if os.Getenv("REWRITE") == "yes" {
		require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text.String())
}

// checkOutage holds what must be true of a plan when nothing runs, by the words of
// the issue and not by the code.
func checkOutage(t *testing.T, s Situation, p Plan) {
	t.Helper()
	require.NotEmpty(t, p.Why)
	dataElsewhere := false // or nobody knows
	for _, o := range s.Peers {
		dataElsewhere = dataElsewhere || o.Note.Phase == "" || o.Note.Data.Kind != None
	}
	switch p.Move {
	case Found, Claim:
		require.Equal(t, None, s.Data.Kind, "a cluster was founded over data")
		require.False(t, dataElsewhere, "a cluster was founded beside data")
	case ForceBoot:
		for _, o := range s.Peers {
			switch {
			case o.Note.Phase == "":
				require.NotContains(t, s.Data.Running, o.Name, "a member that may have run longer was not waited for")
			case o.Note.Data.Kind == Clustered:
				require.Contains(t, o.Note.Data.Running, s.Self, "a member has run longer")
			}
		}
	case Recover:
		require.Equal(t, Clustered, s.Data.Kind)
	case Wait:
		require.NotEqual(t, Clustered, s.Data.Kind, "data waits for nothing")
	default:
		t.Fatalf("%s while nothing runs: %s", p.Move, p.Why)
	}
}

// TestPlan_Laws goes through every combination of two peers in every state.
func TestPlan_Laws(t *testing.T) {
	phases := []string{"", idle, starting, founding, joining, forcing, waiting, started}
	states := func(name string) []Peer {
		var list []Peer
		datas := []Data{{Kind: None}, {Kind: Alone, Members: []string{name}, Running: []string{name}}, {Kind: Alone, Members: []string{name}, Running: []string{name}, Queues: true}, clustered(abc...), clustered(name), {Kind: Unknown, Khepri: true}}
		for _, phase := range phases {
			for _, d := range datas {
				for _, sight := range []Sight{
					{},
					{Refused: true},
					{Registered: true, Alive: true, Booting: true},
					{Registered: true, Alive: true, Running: true, Members: abc, Connected: []string{b, c}},
					{Registered: true, Alive: true, Running: true, Members: []string{b, c}, Connected: []string{b, c}},
				} {
					n := Note{Name: name, Phase: phase, Data: d}
					if phase == "" {
						n = Note{}
					}
					list = append(list, Peer{Name: name, Note: n, Started: sight.Running, Sight: sight})
					if (Peer{Sight: sight}).unseen() {
						list = append(list, Peer{Name: name, Note: n, Started: true, Sight: sight})
					}
				}
				if phase == "" {
					break
				}
			}
		}
		return list
	}
	ps, qs := states(b), states(c)
	count := 0
	for _, d := range []Data{{Kind: None}, {Kind: Alone, Members: []string{a}}, {Kind: Alone, Members: []string{a}, Queues: true}, clustered(abc...), clustered(a, b), clustered(a), {Kind: Unknown, Khepri: true}} {
		for _, phase := range []string{starting, founding} {
			if phase == founding && d.Kind != None {
				continue
			}
			for _, p := range ps {
				for _, q := range qs {
					s := Situation{Self: a, Phase: phase, Data: d, Peers: []Peer{p, q}}
					checkLaws(t, s, MakePlan(s))
					count++
				}
			}
		}
	}
	t.Logf("%d situations", count)
}

func checkLaws(t *testing.T, s Situation, p Plan) {
	if p.Why == "" || p.Move == Wait && len(p.For) == 0 {
		t.Fatalf("%s without a reason: %+v", p.Move, s)
	}
	runs := slices.ContainsFunc(s.Peers, func(o Peer) bool { return o.Running })
	any := slices.ContainsFunc(s.Peers, func(o Peer) bool {
		return o.Alive || o.Note.Phase == "" || o.Note.Phase == started || o.Note.Phase == joining ||
			o.Note.Data.Kind == Clustered || o.Note.Data.Kind == Unknown
	})
	bad := ""
	switch p.Move {
	case Rejoin, Join, Forget, SetAside:
		if !runs || p.Via == "" || !s.peer(p.Via).Running {
			bad = "without a running member"
		}
	}
	switch p.Move {
	case Join, Forget:
		if s.Data.any() {
			bad = "with data of its own"
		}
	case SetAside:
		if slices.Contains(s.peer(p.Via).Members, s.Self) && s.Data.Kind == Clustered {
			bad = "though the cluster knows it"
		}
		if s.Data.Kind == Alone && s.Data.Queues {
			bad = "of queues that are nowhere else"
		}
	case Found, Claim:
		if runs || any || s.Data.Kind == Clustered {
			bad = "beside or over data"
		}
	case ForceBoot, Recover:
		if runs {
			bad = "beside a running cluster"
		}
		if slices.ContainsFunc(s.Peers, func(o Peer) bool { return o.Started && o.unseen() }) {
			bad = "beside a member that may run"
		}
	}
	if p.Move == ForceBoot {
		for _, o := range s.Peers {
			told := o.present() && o.Note.Phase != joining
			if !told && slices.Contains(s.Data.Running, o.Name) {
				bad = "without one that may have run longer"
			}
			if o.Note.Phase == forcing && o.Note.Data.Kind != None {
				bad = "beside another one"
			}
		}
	}
	if bad != "" {
		t.Fatalf("%s %s: %+v", p.Move, bad, s)
	}
}
