// Package redact replaces secrets in text that is about to be shown: log lines,
// exit reasons, error messages.
//
// It works by value: whoever knows the secrets of an action (the values of the
// parameters marked secret, a token got from a service) gives them to New, and
// every text goes through String. Guessing secrets from option names is not
// attempted, because a guess that fails shows a password.
package redact

import (
	"net/url"
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
		forms = append(forms, s, quoted[1:len(quoted)-1], url.QueryEscape(s), url.PathEscape(s))
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
