package graph

import (
	"io"
	"strconv"

	"systole/lib/xmltree"
)

// flushSize is how much WriteXML collects before it writes.
const flushSize = 64 << 10

// AppendXML appends the graph in Pacemaker's text form: two blanks a level,
// one element a line, a line end after the last (06 §14, 08 §11.1).
func (g *Graph) AppendXML(dst []byte) []byte {
	w := writer{buf: dst}
	w.graph(g)
	return w.buf
}

// WriteXML writes the same text.
func (g *Graph) WriteXML(out io.Writer) error {
	w := writer{out: out}
	w.graph(g)
	w.flush()
	return w.err
}

type writer struct {
	buf []byte
	out io.Writer // nil: everything stays in buf
	err error
}

func (w *writer) flush() {
	if w.out == nil || w.err != nil {
		return
	}
	_, w.err = w.out.Write(w.buf)
	w.buf = w.buf[:0]
}

func (w *writer) graph(g *Graph) {
	w.buf = append(w.buf, "<transition_graph"...)
	w.attrs(g.Attrs)
	if len(g.Synapses) == 0 {
		w.buf = append(w.buf, "/>\n"...)
		return
	}
	w.buf = append(w.buf, ">\n"...)
	for i := range g.Synapses {
		w.synapse(&g.Synapses[i])
		if w.out != nil && len(w.buf) >= flushSize {
			w.flush()
			if w.err != nil {
				return
			}
		}
	}
	w.buf = append(w.buf, "</transition_graph>\n"...)
}

func (w *writer) synapse(s *Synapse) {
	w.buf = append(w.buf, "  <synapse"...)
	w.number("id", int64(s.ID))
	if s.Priority > 0 {
		w.number("priority", int64(s.Priority))
	}
	w.buf = append(w.buf, ">\n"...)
	if len(s.Actions) == 0 {
		w.buf = append(w.buf, "    <action_set/>\n"...)
	} else {
		w.buf = append(w.buf, "    <action_set>\n"...)
		for _, a := range s.Actions {
			w.action(a)
		}
		w.buf = append(w.buf, "    </action_set>\n"...)
	}
	if len(s.Inputs) == 0 {
		w.buf = append(w.buf, "    <inputs/>\n"...)
	} else {
		w.buf = append(w.buf, "    <inputs>\n"...)
		for _, a := range s.Inputs {
			w.buf = append(w.buf, "      <trigger>\n        <"...)
			w.head(a)
			w.buf = append(w.buf, "/>\n      </trigger>\n"...)
		}
		w.buf = append(w.buf, "    </inputs>\n"...)
	}
	w.buf = append(w.buf, "  </synapse>\n"...)
}

// head writes the element name and the attributes that both forms of an action
// have.
func (w *writer) head(a *Action) {
	w.buf = append(w.buf, a.Kind.String()...)
	w.optional("mode", a.Mode)
	w.number("id", int64(a.ID))
	w.attr("operation", a.Task)
	w.attr("operation_key", a.Key)
	w.optional("internal_operation_key", a.InternalKey)
	if a.Node != "" || a.NodeID != "" {
		w.attr("on_node", a.Node)
		w.attr("on_node_uuid", a.NodeID)
		w.optional("router_node", a.Router)
	}
}

// action writes the full form.
func (w *writer) action(a *Action) {
	w.buf = append(w.buf, "      <"...)
	w.head(a)
	if a.ShutdownLock != 0 {
		w.number("shutdown-lock", a.ShutdownLock)
	}
	w.buf = append(w.buf, ">\n"...)
	if p := a.Primitive; p != nil {
		w.buf = append(w.buf, "        <primitive"...)
		w.attr("id", p.ID)
		w.optional("long-id", p.LongID)
		w.optional("class", p.Class)
		w.optional("provider", p.Provider)
		w.optional("type", p.Type)
		w.buf = append(w.buf, "/>\n"...)
	}
	w.buf = append(w.buf, "        <attributes"...)
	w.attrs(a.Attributes)
	if len(a.Params) == 0 {
		w.buf = append(w.buf, "/>\n"...)
	} else {
		w.buf = append(w.buf, ">\n"...)
		for _, p := range a.Params {
			w.buf = append(w.buf, "          <param"...)
			w.attr("name", p.Name)
			w.attr("value", p.Value)
			w.buf = append(w.buf, "/>\n"...)
		}
		w.buf = append(w.buf, "        </attributes>\n"...)
	}
	w.nodeLists(a)
	w.buf = append(w.buf, "      </"...)
	w.buf = append(w.buf, a.Kind.String()...)
	w.buf = append(w.buf, ">\n"...)
}

func (w *writer) nodeLists(a *Action) {
	if len(a.Downed) > 0 {
		w.buf = append(w.buf, "        <downed>\n"...)
		for _, id := range a.Downed {
			w.buf = append(w.buf, "          <node"...)
			w.attr("id", id)
			w.buf = append(w.buf, "/>\n"...)
		}
		w.buf = append(w.buf, "        </downed>\n"...)
	}
	if len(a.Maintenance) > 0 {
		w.buf = append(w.buf, "        <maintenance>\n"...)
		for _, n := range a.Maintenance {
			w.buf = append(w.buf, "          <node"...)
			w.attr("id", n.ID)
			in := int64(0)
			if n.In {
				in = 1
			}
			w.number("node_in_maintenance", in)
			w.buf = append(w.buf, "/>\n"...)
		}
		w.buf = append(w.buf, "        </maintenance>\n"...)
	}
}

func (w *writer) attrs(list []Attr) {
	for i := range list {
		w.attr(list[i].Name, list[i].Value)
	}
}

func (w *writer) attr(name, value string) {
	w.buf = append(w.buf, ' ')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '=', '"')
	w.buf = xmltree.AppendEscaped(w.buf, value)
	w.buf = append(w.buf, '"')
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.attr(name, value)
	}
}

func (w *writer) number(name string, value int64) {
	w.buf = append(w.buf, ' ')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '=', '"')
	w.buf = strconv.AppendInt(w.buf, value, 10)
	w.buf = append(w.buf, '"')
}
