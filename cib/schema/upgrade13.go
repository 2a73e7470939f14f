package schema

import "systole/lib/xmltree"

// from13 is the transformation to pacemaker-2.0 (01 §6): ACLs got another
// syntax. Its messages have no label.
func from13(root *xmltree.Element, messages *[]string) error {
	relabel(root, V2_0)
	acls13(root, messages)
	return nil
}

func acls13(e *xmltree.Element, messages *[]string) {
	var children []*xmltree.Element
	for _, c := range e.Children {
		hasRoles := c.Child("role_ref") != nil
		acls13(c, messages)
		switch c.Name {
		case "role_ref":
			c.Name = "role"
		case "read", "write", "deny":
			permission13(c, messages)
		case "acl_user":
			children = append(children, user13(c, hasRoles)...)
			continue
		}
		children = append(children, c)
	}
	adopt(e, children)
}

// permission13 rewrites a read, write or deny.
func permission13(e *xmltree.Element, messages *[]string) {
	old := *e
	e.Attrs, e.Children = nil, nil
	e.Name = "acl_permission"
	if id, ok := old.Attr("id"); ok {
		e.Set("id", id)
	}
	e.Set("kind", old.Name)
	attribute, hasAttribute := old.Attr("attribute")
	note := func(text string) {
		if hasAttribute {
			*messages = append(*messages, "ACLs: @attribute "+text)
		}
	}
	if ref, ok := old.Attr("ref"); ok {
		note("cannot accompany @ref for upgrade-1.3.xsl purposes, ignoring")
		e.Set("reference", ref)
		return
	}
	if tag, ok := old.Attr("tag"); ok {
		note("(with @tag) handling generalized a bit for upgrade-1.3.xsl purposes")
		e.Set("object-type", tag)
		if hasAttribute {
			e.Set("attribute", attribute)
		}
		return
	}
	note("(with @xpath) handling generalized a bit for upgrade-1.3.xsl purposes")
	xpath, ok := old.Attr("xpath")
	if hasAttribute {
		xpath += "[@" + attribute + "]"
	}
	if ok || hasAttribute {
		e.Set("xpath", xpath)
	}
}

// user13 makes a target of a user whose children are already rewritten. One
// with permissions of its own gets a role that holds them.
func user13(e *xmltree.Element, hasRoles bool) []*xmltree.Element {
	e.Name = "acl_target"
	if hasRoles {
		return []*xmltree.Element{e}
	}
	id := "auto-" + e.ID()
	role := xmltree.New("acl_role", "id", id)
	for c := range e.Elements() {
		role.Append(c)
	}
	e.Children = nil
	if count(role, "acl_permission") == 0 {
		return []*xmltree.Element{e}
	}
	e.Add("role", "id", id)
	return []*xmltree.Element{e, role}
}
