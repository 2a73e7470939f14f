package wsrep

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// UUID is the identity of a group's history, or of a member, in lower case.
type UUID string

// Zero is the UUID that stands for no history at all.
const Zero UUID = "00000000-0000-0000-0000-000000000000"

// Undefined is the sequence number that is not known.
const Undefined int64 = -1

// IsZero says that there is no history; "" counts as zero too.
func (u UUID) IsZero() bool { return u == "" || u == Zero }

// ParseUUID reads a UUID in its usual form of 36 characters.
func ParseUUID(text string) (UUID, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	ok := len(text) == len(Zero)
	for i := 0; ok && i < len(text); i++ {
		if Zero[i] == '-' {
			ok = text[i] == '-'
		} else {
			ok = strings.IndexByte("0123456789abcdef", text[i]) >= 0
		}
	}
	if !ok {
		return "", fmt.Errorf("%q is not a UUID", clip(text))
	}
	return UUID(text), nil
}

// Position is a place in a history: the last write that data contain.
type Position struct {
	UUID  UUID
	Seqno int64 // Undefined if not known
}

// String is UUID:SEQNO.
func (p Position) String() string {
	u := p.UUID
	if u == "" {
		u = Zero
	}
	return string(u) + ":" + strconv.FormatInt(p.Seqno, 10)
}

// ParseSeqno reads a sequence number exactly. The largest unsigned number is
// Undefined, printed by a program that takes it for unsigned.
func ParseSeqno(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == strconv.FormatUint(math.MaxUint64, 10) {
		return Undefined, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < Undefined {
		return Undefined, fmt.Errorf("%q is not a sequence number", clip(text))
	}
	return n, nil
}

// ParsePosition reads UUID:SEQNO. MariaDB may add its own position after a comma,
// which is not part of it.
func ParsePosition(text string) (Position, error) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), ",")
	u, n, ok := strings.Cut(text, ":")
	if !ok {
		return Position{}, fmt.Errorf("%q is not a position: want UUID:SEQNO", clip(text))
	}
	uuid, err := ParseUUID(u)
	if err != nil {
		return Position{}, err
	}
	seqno, err := ParseSeqno(n)
	if err != nil {
		return Position{}, err
	}
	return Position{uuid, seqno}, nil
}

func clip(text string) string {
	const limit = 60
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return text
}
