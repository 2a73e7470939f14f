package scale

import "fmt"

const (
	groupNodes  = 16
	groupSize   = 10
	chainLength = 5 // groups that follow each other
)

// Groups is a cluster of 16 nodes with this many primitives (rounded down to
// tens) in groups of 10. Five groups at a time are ordered and kept together.
func Groups(primitives int, event Event) []byte {
	c := newCluster()
	hosts := ""
	for i := range groupNodes {
		c.node(fmt.Sprint(i+1), groupNode(i), "", nil)
		hosts += groupNode(i) + " "
	}
	fence := &primitive{
		id: "fencing", class: "stonith", kind: "fence_apc",
		params: pairs{{"ipaddr", "192.0.2.9"}, {"pcmk_host_list", hosts}}, ops: []operation{{"monitor", 60, 20, ""}},
	}
	c.resources.WriteString(fence.xml())
	var groups [][]*primitive
	for g := range primitives / groupSize {
		groups = append(groups, c.group(g))
	}
	for i := range groupNodes {
		name := groupNode(i)
		c.openState(fmt.Sprint(i+1), name, false, event != NodeLost || i != 2, nil)
		c.history(name, fence, startedIf(i == groupNodes-1), false)
		for g, members := range groups {
			for _, p := range members {
				c.history(name, p, startedIf(g/chainLength%groupNodes == i), false)
			}
		}
		c.closeState()
	}
	return c.bytes(1000)
}

func groupNode(i int) string { return fmt.Sprintf("node-%02d", i+1) }

func groupID(g int) string { return fmt.Sprintf("grp%03d", g) }

func startedIf(yes bool) state {
	if yes {
		return started
	}
	return stopped
}

// group writes a group of nine services and an address, and its constraints.
func (c *cluster) group(g int) (members []*primitive) {
	fmt.Fprintf(&c.resources, "<group id=\"%s\">\n", groupID(g))
	for j := range groupSize {
		p := &primitive{
			id: fmt.Sprintf("r%03d-%d", g, j), class: "ocf", provider: "heartbeat", kind: "Dummy",
			params: pairs{{"fake", fmt.Sprintf("v%d-%d", g, j)}}, ops: standardOps(),
		}
		if j == groupSize-1 {
			p.kind, p.params = "IPaddr2", pairs{{"ip", fmt.Sprintf("10.%d.%d.%d", g/250, g%250, j+1)}}
		}
		members = append(members, p)
		c.resources.WriteString(p.xml())
	}
	c.resources.WriteString("</group>\n")
	switch place := g % chainLength; {
	case place > 0:
		kind, score := "Optional", "500"
		if g%2 == 1 {
			kind = "Mandatory"
		}
		if place < 3 {
			score = "INFINITY"
		}
		c.order(groupID(g-1), groupID(g), [2]string{"kind", kind})
		c.colocate(groupID(g), groupID(g-1), score)
	case g >= chainLength:
		c.colocate(groupID(g), groupID(g-chainLength), "-200")
	}
	return members
}
