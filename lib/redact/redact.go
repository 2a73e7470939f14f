// Package redact replaces secrets in text that is about to be shown: log lines,
// exit reasons, error messages.
//
// It works by value: whoever knows the secrets of an action (the values of the
// parameters marked secret, a token got from a service) gives them to New, and
// every text goes through String. Guessing secrets from option names is not
// attempted, because a guess that fails shows a password.
package redact

import (
	"slices"
	"strconv"
	"strings"
)

// Mask stands in place of a secret.
const Mask = "***"

// Redactor replaces the secrets it was made with. A nil Redactor knows none and
// returns text as it is. It is immutable, so it may be used by many goroutines.
type Redactor struct {
	replacer *strings.Replacer
}

// New makes a Redactor of secrets; empty ones are ignored. The forms that a
// secret takes inside a Go-quoted string and inside a URL are replaced too.
func New(secrets ...string) *Redactor {
	var forms []string
	for _, s := range secrets {
		if s == "" {
			continue
		}
		quoted := strconv.Quote(s)
		forms = append(forms, s, quoted[1:len(quoted)-1], percent(s, "+", ""), percent(s, "%20", pathMarks))
	}
	if len(forms) == 0 {
		return nil
	}
	// Longest first: of two secrets that begin alike the longer must be tried
	// before the shorter, or its end would stay readable.
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range slices.Compact(forms) {
		pairs = append(pairs, f, Mask)
	}
	return &Redactor{replacer: strings.NewReplacer(pairs...)}
}

// String returns s with every secret replaced by Mask.
func (r *Redactor) String(s string) string {
	if r == nil {
		return s
	}
	return r.replacer.Replace(s)
}

// Marks that stay as they are in any part of a URL, and in its path besides.
const (
	urlMarks  = "-._~"
	pathMarks = "$&+=:@"
)

// percent is s as it stands in a URL. Package net/url would do, but programs that
// live for a millisecond should not have to load it.
func percent(s, blank, marks string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			strings.IndexByte(urlMarks, c) >= 0, strings.IndexByte(marks, c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteString(blank)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
