package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// vietnam has no daylight saving.
var vietnam = time.FixedZone("+07", 7*3600)

// naive is the form of dates in answers: local time, seven fractional digits,
// no offset (§3.4).
func naive(t time.Time) string { return t.In(vietnam).Format("2006-01-02T15:04:05.0000000") }

// zoned is the form of envelope timestamps and of dates in webhooks (§3.4).
func zoned(t time.Time) string { return t.In(vietnam).Format("2006-01-02T15:04:05.0000000-07:00") }

func ifNaive(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return naive(t)
}

func ifZoned(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return zoned(t)
}

// parseDate reads a date of a request. A missing offset means Vietnam (§3.4).
// hasZone tells that an offset was sent, which nobody has measured.
func parseDate(s string) (t time.Time, hasZone bool, err error) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, true, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05.9999999", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, vietnam); err == nil {
			return t, false, nil
		}
	}
	return time.Time{}, false, fmt.Errorf("%q is not a date", s)
}

// later returns the later of two moments; the zero time is the earliest.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
