package patch

import (
	"errors"
	"fmt"
	"strings"

	"systole/lib/xmltree"
)

// step is one part of a path: /NAME or /NAME[@id='ID'].
type step struct {
	name, id string
	hasID    bool
}

// commentStep is the name that comments go by in paths.
const commentStep = "comment"

func stepOf(e *xmltree.Element) step {
	if e.Kind == xmltree.KindComment {
		return step{name: commentStep}
	}
	id, has := e.Attr("id")
	return step{name: e.Name, id: id, hasID: has}
}

func (s step) appendTo(dst []byte) []byte {
	dst = append(dst, '/')
	dst = append(dst, s.name...)
	if s.hasID {
		dst = append(dst, "[@id='"...)
		dst = append(dst, s.id...)
		dst = append(dst, "']"...)
	}
	return dst
}

// plain tells whether Pacemaker finds the step again in a path: it splits paths
// at every slash, ends them at white space and an id at an apostrophe.
func (s step) plain() bool { return !strings.ContainsAny(s.id, "/' \t\n\v\f\r") }

// nextStep takes the first step off a path. Unlike in Pacemaker, an id may
// hold anything but its quote, a bracket and a slash in a row, and be in double
// quotes; a predicate that is not [@id='...'] is an error and not ignored.
func nextStep(path string) (s step, rest string, err error) {
	if path == "" || path[0] != '/' {
		return s, "", fmt.Errorf("expected '/' at %s", shown(path))
	}
	path = path[1:]
	end := strings.IndexAny(path, "/[")
	if end < 0 {
		end = len(path)
	}
	if s.name, path = path[:end], path[end:]; s.name == "" {
		return s, "", errors.New("a step has no name")
	}
	if path == "" || path[0] == '/' {
		return s, path, nil
	}
	after, ok := strings.CutPrefix(path, "[@id=")
	if !ok || after == "" || after[0] != '\'' && after[0] != '"' {
		return s, "", fmt.Errorf("%s after %s is not understood; only [@id='...'] is", shown(path), shown(s.name))
	}
	n := idEnd(after[1:], after[:1]+"]")
	if n < 0 {
		return s, "", fmt.Errorf("the id in %s is not closed; expected %s]", shown(path), after[:1])
	}
	s.id, s.hasID = after[1:1+n], true
	return s, after[1+n+2:], nil
}

// idEnd finds the end of an id: its quote and bracket, and then the end of the
// path or the next step.
func idEnd(text, closing string) int {
	for at := 0; ; {
		n := strings.Index(text[at:], closing)
		if n < 0 {
			return -1
		}
		at += n
		if after := text[at+len(closing):]; after == "" || after[0] == '/' {
			return at
		}
		at++
	}
}

// checkPath tells what is wrong with a path.
func checkPath(path string, lim Limits) error {
	if len(path) > lim.PathLen {
		return fmt.Errorf("the path %s has %d bytes, the limit PathLen is %d; make it shorter or raise the limit", shown(path), len(path), lim.PathLen)
	}
	rest := path
	for steps := 1; ; steps++ {
		var err error
		if _, rest, err = nextStep(rest); err != nil {
			return fmt.Errorf("the path %s cannot be read: %w", shown(path), err)
		}
		if rest == "" || rest == "/" {
			return nil
		}
		if steps == lim.Depth {
			return fmt.Errorf("the path %s has more than %d steps, the limit Depth; make it shorter or raise the limit", shown(path), lim.Depth)
		}
	}
}

// shown quotes a text for a message, shortened, so that a hostile one cannot
// fill the log.
func shown(s string) string { return fmt.Sprintf("%q", clip(s)) }

func clip(s string) string {
	const longest = 200
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "..."
}
