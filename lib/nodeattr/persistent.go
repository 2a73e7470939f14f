package nodeattr

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// maxNodes bounds the nodes of a configuration that is read.
const maxNodes = 10_000

// GetAllPersistent asks for all persistent attributes of all nodes; see
// PersistentValues. It is the configuration as this node has it, offline nodes
// included, which the status of the cluster leaves out.
func (t Tools) GetAllPersistent() Command {
	return Command{t.Sbin + "/cibadmin", []string{"--query", "--scope", "nodes"}}
}

// PersistentValues reads the answer to GetAllPersistent: the values of one
// attribute, by the names of the nodes. Where a node has the attribute in several
// sets, the last one counts; no tool of the cluster makes that.
func PersistentValues(code int, stdout, stderr, name string) (map[string]string, error) {
	switch code {
	case 0:
	case noSuch, noSuchOld:
		return map[string]string{}, nil // there is no section of nodes yet
	default:
		return nil, fmt.Errorf("cibadmin ended with exit code %d: %s", code, strings.TrimSpace(stderr))
	}
	var section struct {
		XMLName xml.Name `xml:"nodes"`
		Nodes   []struct {
			Name string `xml:"uname,attr"`
			Sets []struct {
				Pairs []struct {
					Name  string `xml:"name,attr"`
					Value string `xml:"value,attr"`
				} `xml:"nvpair"`
			} `xml:"instance_attributes"`
		} `xml:"node"`
	}
	if err := xml.Unmarshal([]byte(stdout), &section); err != nil {
		return nil, fmt.Errorf("the nodes of the configuration: %w", err)
	}
	if len(section.Nodes) > maxNodes {
		return nil, fmt.Errorf("the configuration has more than %d nodes", maxNodes)
	}
	values := map[string]string{}
	for _, n := range section.Nodes {
		for _, set := range n.Sets {
			for _, p := range set.Pairs {
				if p.Name == name {
					values[n.Name] = p.Value
				}
			}
		}
	}
	return values, nil
}
