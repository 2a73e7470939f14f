package isotime

func isLeap(year int32) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func yearDays(year int32) int32 {
	if isLeap(year) {
		return 366
	}
	return 365
}

// daysBefore returns the number of days from the start of year 1 to that of
// the given year, 0 for years below 1.
func daysBefore(year int32) int64 {
	if year < 1 {
		return 0
	}
	n := int64(year) - 1
	return 365*n + n/4 - n/100 + n/400
}

// monthDays returns the length of a month, 0 when there is no such month.
func monthDays(month, year int32) int32 {
	if year < 1 {
		return 0
	}
	switch month {
	case 2:
		return yearDays(year) - 337
	case 4, 6, 9, 11:
		return 30
	case 1, 3, 5, 7, 8, 10, 12:
		return 31
	}
	return 0
}

// ordinal returns the day of the year, 0 when the arguments name no day.
func ordinal(year, month, dayOfMonth int32) int32 {
	if year < 1 || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31 {
		return 0
	}
	for m := int32(1); m < month; m++ {
		dayOfMonth += monthDays(m, year)
	}
	return dayOfMonth
}

// jan1Weekday returns the weekday of January 1, from Monday = 1.
func jan1Weekday(year int32) int32 {
	n := int64(year) - 1
	inCentury := n % 100
	centuries := (n - inCentury) / 100
	return int32(1 + (centuries%4*5+inCentury+inCentury/4)%7)
}

// isoWeeks returns the number of weeks of an ISO year: 53 when it begins on a
// Thursday or the next one begins on a Friday.
func isoWeeks(year int32) int32 {
	if jan1Weekday(year) == 4 || jan1Weekday(year+1) == 5 {
		return 53
	}
	return 52
}

// Date returns month and day of the month. A day that the year does not have,
// which adding years can make, is in month 13.
func (t Time) Date() (year, month, dayOfMonth int32) {
	if t.Year == 0 {
		return 0, 0, t.Day
	}
	dayOfMonth = t.Day
	for month = 1; month <= 12 && dayOfMonth > 0; month++ {
		n := monthDays(month, t.Year)
		if n >= dayOfMonth {
			break
		}
		dayOfMonth -= n
	}
	return t.Year, month, dayOfMonth
}

// Clock returns hour, minute and second of the day.
func (t Time) Clock() (h, m, s int32) {
	return t.Second / hour, t.Second % hour / minute, t.Second % minute
}

// ISOWeek returns the ISO 8601 week date; Monday is weekday 1.
func (t Time) ISOWeek() (year, week, weekday int32) {
	if t.Day <= 0 {
		return 0, 0, 0
	}
	jan1 := jan1Weekday(t.Year)
	weekday = 1 + (t.Day+jan1-2)%7
	switch {
	case jan1 > 4 && t.Day <= 8-jan1:
		return t.Year - 1, isoWeeks(t.Year - 1), weekday
	case yearDays(t.Year)-t.Day < 4-weekday:
		return t.Year + 1, 1, weekday
	}
	week = (t.Day + 7 - weekday + jan1 - 1) / 7
	if jan1 > 4 {
		week--
	}
	return t.Year, week, weekday
}
