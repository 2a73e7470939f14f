// Package isotime is Pacemaker's calendar: ISO 8601 dates, times, durations
// and periods as a CIB has them, and arithmetic on them (01 §9).
//
// It is not package time: a Time is a year, a day of that year, seconds and an
// offset from UTC, not an instant, and both reading and adding have habits of
// their own which decide whether a rule matches (2030-01 is the first day of
// 2030, adding a year keeps the day of the year, 24:00:00 can be the result of
// an addition and then compares as earlier than the midnight it is).
//
// All functions are pure. What the clock says is an argument where a text may
// leave something out.
package isotime
