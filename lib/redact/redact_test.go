package redact_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/redact"
)

func TestRedact(t *testing.T) {
	r := redact.New("pass", "pass word&more", "", "tab\there")
	for in, want := range map[string]string{
		"":                             "",
		"nothing to hide":              "nothing to hide",
		"login pass ok":                "login *** ok",
		"x=pass word&more.":            "x=***.",
		"u://a:pass%20word&more@h":     "u://a:***@h",
		"u?p=pass+word%26more":         "u?p=***",
		fmt.Sprintf("%q", "tab\there"): `"***"`,
	} {
		require.Equal(t, want, r.String(in))
	}
}

func TestRedactorWithoutSecrets(t *testing.T) {
	require.Nil(t, redact.New("", ""))
	require.Equal(t, "as it is", redact.New().String("as it is"))
}

// A secret is found in a URL as package net/url writes it.
func TestRedactURL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringN(1, 8, 20).Draw(t, "secret")
		r := redact.New(secret)
		require.Equal(t, redact.Mask, r.String(url.PathEscape(secret)))
		require.Equal(t, redact.Mask, r.String(url.QueryEscape(secret)))
	})
}

// The law: no secret survives, wherever it stands, unless it is part of the mask.
func TestRedactLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secrets := rapid.SliceOfN(rapid.StringMatching(`[a-f+%& "\\]{1,6}`), 1, 4).Draw(t, "secrets")
		text := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(secrets), rapid.StringMatching(`[g-z ]{0,3}`)), 0, 8).Draw(t, "text")
		got := redact.New(secrets...).String(strings.Join(text, "."))
		for _, s := range secrets {
			if strings.Trim(s, " ") != "" {
				require.NotContains(t, got, s)
			}
		}
	})
}
