// Package value reads the literals of a CIB as Pacemaker does: booleans,
// integers, scores, intervals, timeouts, versions, floating-point numbers and
// ranges (01 §8). Every function takes the text of an attribute and tells
// whether it was valid; what an absent or invalid value means is the caller's
// business, because it differs from option to option.
//
// Pacemaker reads literals with C library functions and is therefore lenient:
// blanks in front and anything behind a number are accepted. These functions
// accept and refuse exactly the same texts, byte by byte.
package value
