package schema

import (
	"fmt"

	"systole/lib/xmltree"
)

// resource210 is a primitive or template in the works.
type resource210 struct {
	*step210
	old   *xmltree.Element
	names map[string]bool // in its meta_attributes without rule

	// How many pairs of its meta_attributes without rule, of those still to come,
	// are renamed to what.
	renamed map[string]int
}

func (s *step210) resource(e *xmltree.Element) *xmltree.Element {
	r := resource210{s, e, pairNames(e), renamedPairs(e)}
	n := withAttrs(e)
	for _, c := range e.Children {
		switch c.Name {
		case "operations":
			n.Append(r.operations(c))
		case "instance_attributes":
			appendIf(n, r.params(c))
		case "meta_attributes":
			appendIf(n, r.meta(c))
		default:
			s.child(n, c)
		}
	}
	r.addRequires(n)
	return n
}

func appendIf(e, child *xmltree.Element) {
	if child != nil {
		e.Append(child)
	}
}

// params processes instance_attributes of a resource. Comments stay, and those
// before a pair stay twice, as Pacemaker leaves them.
func (r *resource210) params(set *xmltree.Element) *xmltree.Element {
	n, some := withAttrs(set), false
	for i, c := range set.Children {
		if !isPair(c) {
			r.child(n, c)
			continue
		}
		rule := params210.find(c.Get("name"), c.Get("value"))
		params210.tell(r.messages, c.ID(), rule)
		if pair := r.inPlace(c, rule); pair != nil {
			addPair(n, set, i, pair)
			some = true
		}
	}
	if !some && !remarked(set) {
		return nil
	}
	return n
}

// remarked tells whether a set that lost all its pairs is kept nevertheless:
// the emptiness test of the stylesheet takes a first comment with a text for
// content, unless there is a rule.
func remarked(set *xmltree.Element) bool {
	var first *xmltree.Element
	for _, c := range set.Children {
		switch {
		case c.Kind == xmltree.KindElement && !isPair(c):
			return false
		case c.Kind == xmltree.KindComment && first == nil:
			first = c
		}
	}
	return first != nil && first.Text != ""
}

// meta processes meta_attributes of a resource. Of the pairs that are renamed
// few survive: in a set without rule only the first pair, in one with a rule
// those whose new name no later set without rule also yields. A set is kept if
// it has a pair that is not dropped, survivor or not.
func (r *resource210) meta(set *xmltree.Element) *xmltree.Element {
	n, some, ruled := withAttrs(set), false, hasRule(set)
	for i, c := range set.Children {
		if !isPair(c) {
			r.child(n, c)
			continue
		}
		rule := metaRule(c)
		meta210.tell(r.messages, fmt.Sprintf("%s (meta=%s)", r.old.ID(), set.ID()), rule)
		if rule != nil && !ruled {
			r.renamed[rule.with]--
		}
		pair := r.inPlace(c, rule)
		if pair == nil {
			continue
		}
		first := !some
		some = true
		if rule == nil || !ruled && first || ruled && r.renamed[rule.with] == 0 {
			addPair(n, set, i, pair)
		}
	}
	if !some && !remarked(set) {
		return nil
	}
	return n
}

// renamedPairs counts, for each new name, the pairs in sets without rule that
// are renamed to it.
func renamedPairs(resource *xmltree.Element) map[string]int {
	names := map[string]int{}
	for set := range resource.Elements("meta_attributes") {
		if hasRule(set) {
			continue
		}
		for pair := range set.Elements("nvpair") {
			if rule := metaRule(pair); rule != nil {
				names[rule.with]++
			}
		}
	}
	return names
}

func metaRule(pair *xmltree.Element) *replacement {
	return meta210.find(pair.Get("name"), pair.Get("value"))
}

// addRequires adds what operations required of the cluster to the resource's
// own meta-attributes: from the last start or promote that has the attribute,
// else from sets of such operations.
func (r *resource210) addRequires(n *xmltree.Element) {
	var from *xmltree.Element
	for op := range r.ops {
		value, ok := op.Attr("requires")
		if !ok {
			continue
		}
		rule := op210.find("requires", op.Get("name"))
		op210.tell(r.messages, fmt.Sprintf("%s (rsc=%s)", op.ID(), r.old.ID()), rule)
		if rule.where != "" && !r.names["requires"] {
			from = xmltree.New("nvpair", "id", made210+op.ID()+"-meta-requires", "name", "requires", "value", value)
		}
	}
	if from != nil {
		n.Add("meta_attributes", "id", made210+r.old.ID()+"-meta").Append(from)
		return
	}
	if r.names["requires"] {
		return
	}
	for _, set := range r.requiringSets() {
		r.addRequiringSet(n, set)
	}
}

// ops yields the operations of the resource.
func (r *resource210) ops(yield func(*xmltree.Element) bool) {
	for operations := range r.old.Elements("operations") {
		for op := range operations.Elements("op") {
			if !yield(op) {
				return
			}
		}
	}
}

// requiringSets returns the sets of operations that have a pair "requires" that
// counts: none that a later set without rule also has, and of instance
// attributes none if there are such meta-attributes without rule.
func (r *resource210) requiringSets() []*xmltree.Element {
	var all []*xmltree.Element
	params, meta := 0, 0 // sets without rule, still to come
	for op := range r.ops {
		for set := range op.Elements("meta_attributes", "instance_attributes") {
			switch {
			case !requires(op, set):
				continue
			case hasRule(set):
			case set.Name == "meta_attributes":
				meta++
			default:
				params++
			}
			all = append(all, set)
		}
	}
	anyMeta := meta > 0
	var kept []*xmltree.Element
	for _, set := range all {
		isMeta, ruled := set.Name == "meta_attributes", hasRule(set)
		if isMeta && !ruled {
			meta--
		} else if !ruled {
			params--
		}
		if isMeta && meta == 0 || !isMeta && params == 0 && !anyMeta {
			kept = append(kept, set)
		}
	}
	return kept
}

// requires tells whether a set of an operation has a "requires" that counts.
func requires(op, set *xmltree.Element) bool {
	rule := op210.find("requires", op.Get("name"))
	for pair := range set.Elements("nvpair") {
		if pair.Get("name") == "requires" && rule.where != "" {
			return true
		}
	}
	return false
}

func (r *resource210) addRequiringSet(n, set *xmltree.Element) {
	meta := r.metaLike(set)
	for pair := range set.Elements("nvpair") {
		if pair.Get("name") == "requires" {
			meta.Append(withAttrs(pair))
		}
	}
	n.Append(meta)
}

// metaLike makes a meta_attributes like a set, without its pairs.
func (r *resource210) metaLike(set *xmltree.Element) *xmltree.Element {
	n := withAttrs(set)
	n.Name = "meta_attributes"
	n.Del("id")
	n.Set("id", made210+set.ID())
	for _, c := range set.Children {
		if !isPair(c) {
			r.child(n, c)
		}
	}
	return n
}
