package isotime

import (
	"fmt"
	"testing"
)

func format(y, mo, d, h, m, s int32) string {
	return fmt.Sprintf("P%dY%dM%dDT%dH%dM%dS", y, mo, d, h, m, s)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "epoch/", "2030-01-31", "20300131T1200+1100", "2030-W53-7 24:00:00", "0-W01-1", "T1:2:3Z", "12:30 -05:30", "2147483647-365T24", "2030-4294967297-1",
		"18446744073709551617-1-1", "2030-01-31T12:00:00 - 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := Parse(s, clock)
		if !ok {
			if !at.IsZero() {
				t.Fatal("an invalid text gives a time")
			}
			return
		}
		if !at.valid() {
			t.Fatalf("%+v is not valid", at)
		}
		if other, _ := Parse(s, Time{Year: 2000, Day: 1}); other != at && !NeedsClock(s) {
			t.Fatal("the clock matters, but NeedsClock denies it")
		}
		if at.Compare(at) != 0 {
			t.Fatal("a time differs from itself")
		}
		if at.Year >= 1 && at.Year <= 9999 {
			if back, ok := Parse(at.ZoneString(), clock); !ok || back.Epoch() != at.Epoch() && at.Offset%minute == 0 {
				t.Fatalf("%s is not read back", at.ZoneString())
			}
		}
		for _, n := range []int32{1, -1, 86400, -1 << 31, 1<<31 - 1} {
			for _, add := range []func(*Time, int32){(*Time).AddSeconds, (*Time).AddHours, (*Time).AddDays, (*Time).AddWeeks, (*Time).AddMonths, (*Time).AddYears} {
				moved := at
				add(&moved, n)
				_ = moved.String()
				_, week, weekday := moved.ISOWeek()
				if moved.Year >= 1 && moved.Year <= 9999 && (week < 1 || week > 53 || weekday < 1 || weekday > 7) {
					t.Fatalf("%s is in week %d, on weekday %d of it", moved, week, weekday)
				}
			}
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"P1Y2M3DT4H5M6S", "P1W", "PT-1H+2M:3S", "P2147483647S", "P1D/P1D", "P0Y", "PT1.5S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := ParseDuration(s)
		if ok == (d == Duration{}) {
			t.Fatalf("%+v %t", d, ok)
		}
		_ = clock.Add(d).String()
	})
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2030-01-01/P1M", "P1D/2030-01-01", "P1D", "T12/13:00", "/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := ParsePeriod(s, clock); ok && !(p.Start.inPeriod() && p.End.inPeriod()) {
			t.Fatalf("%+v", p)
		}
	})
}
