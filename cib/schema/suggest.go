package schema

import "strings"

// hint returns `; did you mean "x"?` for the candidate closest to what was
// found, or nothing when none is close. It is for error messages and bounds its
// own cost.
func hint(found string, candidates []string) string {
	const maxLength, maxCandidates = 64, 20_000
	if found == "" || len(found) > maxLength || len(candidates) > maxCandidates {
		return ""
	}
	best, least := "", min(max(1, len(found)/3), len(found)-1)
	for _, c := range candidates {
		if len(c) > maxLength || c == found {
			continue
		}
		d := distance(strings.ToLower(found), strings.ToLower(c), least+1)
		if d < least || d == least && (best == "" || c < best) {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return `; did you mean "` + best + `"?`
}

// distance returns the number of single-byte edits between two short strings,
// or limit if it is not smaller.
func distance(a, b string, limit int) int {
	if abs(len(a)-len(b)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
			least = min(least, row[j+1])
		}
		if least >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// alternatives joins words to "a, b or c".
func alternatives(words []string) string { return list(words, " or ") }

// conjunction joins words to "a, b and c".
func conjunction(words []string) string { return list(words, " and ") }

func list(words []string, last string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + last + words[n-1]
}
