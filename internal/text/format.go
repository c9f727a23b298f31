package text

import (
	"strings"
	"time"
)

// Vietnam is UTC+7 all year and has been since 1975; a fixed zone needs no time
// zone database on the machine.
var Vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Number prints a whole number: 1.234.567 or 1,234,567.
func (p *Printer) Number(n int64) string { return p.numbers.Sprintf("%d", n) }

// Money prints whole đồng: 1.234.567 ₫.
func (p *Printer) Money(n int64) string { return p.Number(n) + "\u00a0₫" }

// Amount prints what a rule printed, a number or an amount of money in
// Vietnamese, as this language writes it, on one line.
func (p *Printer) Amount(s string) string {
	if p.Lang == English {
		s = strings.NewReplacer(",", ".", ".", ",").Replace(s)
	}
	return strings.ReplaceAll(s, " ", "\u00a0")
}

// Date prints dd/MM/yyyy.
func (p *Printer) Date(t time.Time) string { return t.In(Vietnam).Format("02/01/2006") }

// Clock prints HH:mm.
func (p *Printer) Clock(t time.Time) string { return t.In(Vietnam).Format("15:04") }

// Time prints dd/MM/yyyy HH:mm.
func (p *Printer) Time(t time.Time) string { return t.In(Vietnam).Format("02/01/2006 15:04") }

// Exact prints dd/MM/yyyy HH:mm:ss.
func (p *Printer) Exact(t time.Time) string { return t.In(Vietnam).Format("02/01/2006 15:04:05") }

// Day is the beginning of t's day in Vietnam.
func Day(t time.Time) time.Time {
	y, m, d := t.In(Vietnam).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, Vietnam)
}

// Ago prints how long t lies in the past of now, or in its future. Where it is
// more than a day, it prints when; Exact belongs into the title.
func (p *Printer) Ago(t, now time.Time) string {
	if t.IsZero() {
		return p.Say("time.never")
	}
	d := now.Sub(t)
	switch {
	case d < -24*time.Hour:
		return p.Time(t)
	case d < -time.Hour:
		return p.Say("time.in_hours", "n", int64((-d+30*time.Minute)/time.Hour))
	case d < -time.Minute:
		return p.Say("time.in_minutes", "n", int64((-d+30*time.Second)/time.Minute))
	case d < -5*time.Second:
		return p.Say("time.in_seconds", "n", int64(-d/time.Second))
	case d < time.Minute:
		return p.Say("time.now")
	case d < time.Hour:
		return p.Say("time.minutes", "n", int64(d/time.Minute))
	case Day(t).Equal(Day(now)):
		return p.Say("time.today", "clock", p.Clock(t))
	case Day(t).Equal(Day(now).AddDate(0, 0, -1)):
		return p.Say("time.yesterday", "clock", p.Clock(t))
	}
	return p.Time(t)
}
