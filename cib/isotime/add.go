package isotime

import "math"

// AddSeconds adds seconds (01 §9.3.1). A result of exactly 24:00:00 stays so.
func (t *Time) AddSeconds(n int32) {
	days := int64(n / day)
	t.Second += n % day
	switch {
	case t.Second > day:
		days++
		t.Second -= day
	case t.Second < 0:
		days--
		t.Second += day
	}
	t.addDays(days)
}

// AddMinutes adds minutes. Like AddHours and AddWeeks it multiplies in 32 bits
// and wraps around, as Pacemaker does with more than 68 years.
func (t *Time) AddMinutes(n int32) { t.AddSeconds(n * minute) }

// AddHours adds hours.
func (t *Time) AddHours(n int32) { t.AddSeconds(n * hour) }

// AddDays adds days (01 §9.3.2). Going below year 1 clips to day 1 of year 1.
func (t *Time) AddDays(n int32) { t.addDays(int64(n)) }

// AddWeeks adds weeks.
func (t *Time) AddWeeks(n int32) { t.addDays(int64(n * 7)) }

// cycle is 400 years, after which the calendar repeats.
const cycle = 146097

func (t *Time) addDays(n int64) {
	d := int64(t.Day) + n
	switch {
	case n > 0:
		if d > 2*cycle {
			years := min(d/cycle-1, (math.MaxInt32-1-int64(t.Year))/400)
			t.Year += int32(years * 400)
			d -= years * cycle
		}
		for d > int64(yearDays(t.Year)) {
			if t.Year == math.MaxInt32 {
				d = int64(yearDays(t.Year))
				break
			}
			d -= int64(yearDays(t.Year))
			t.Year++
		}
	case n < 0:
		if d < -cycle && t.Year > 400 {
			years := min(-d/cycle, (int64(t.Year)-1)/400)
			t.Year -= int32(years * 400)
			d += years * cycle
		}
		for d < 1 {
			if t.Year <= 1 {
				d = 1
				break
			}
			t.Year--
			d += int64(yearDays(t.Year))
		}
	}
	t.Day = int32(d)
}

// AddMonths adds months: the day of the month is kept, or clipped to the
// length of the month (01 §9.3.4).
func (t *Time) AddMonths(n int32) {
	year, month, dayOfMonth := t.Date()
	switch {
	case n > 0 && month > 12, n < 0 && month < 1:
		month = 13 // stepping never meets the turn of the year
	default:
		months := int64(month) - 1 + int64(n)
		years := months / 12
		if months%12 < 0 {
			years--
		}
		if n == 0 {
			years, months = 0, int64(month)-1
		}
		year = int32(int64(year) + years)
		month = int32(months-12*years) + 1
	}
	t.Year = year
	t.Day = ordinal(year, month, min(dayOfMonth, monthDays(month, year)))
}

// AddYears adds years. The day of the year stays, so that 2024-03-01 and a
// year is 2025-03-02, and the last day of a leap year becomes a day 366 of a
// year that has none (01 §9.3.5). The year is clipped to 1 to 2147483647.
func (t *Time) AddYears(n int32) {
	year := int64(t.Year) + int64(n)
	switch {
	case n > 0:
		year = min(year, math.MaxInt32)
	case n < 0:
		year = max(year, 1)
	}
	t.Year = int32(year)
}
