package redact

import "fmt"

// Secret is text that does not show itself: printed with any verb it is masked.
// Reveal gives the text.
type Secret string

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Format prints a mask.
func (s Secret) Format(f fmt.State, _ rune) {
	if s != "" {
		_, _ = f.Write([]byte(Mask))
	}
}

// MarshalText prints a mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(s)), nil }
