package store

import (
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// HistoryKind groups entries as the owner knows them (LZD-31).
type HistoryKind string

const (
	GoodsHistory      HistoryKind = "goods"      // "Đồng bộ hàng hóa"
	OrderHistory      HistoryKind = "order"      // "Đồng bộ đặt hàng"
	InvoiceHistory    HistoryKind = "invoice"    // "Đồng bộ hóa đơn"
	ConnectionHistory HistoryKind = "connection" // set-up, sign-in, checks
)

// Entry is one line of "Lịch sử thao tác".
type Entry struct {
	ID         string
	Connection string
	Kind       HistoryKind
	Object     string // "order 4110…", "sku AO-DO-L"
	Event      string // message key: "history.order_created"
	Outcome    string // connector.Outcome
	Cause      string // the intent, look or command behind it
	Attempt    string // the call, by request id
	Detail     Detail
	At         time.Time
}

// Detail explains an entry: cause, rule, call, answer.
type Detail struct {
	Args    map[string]any  `json:"args,omitempty"`
	Why     retail.Why      `json:"why,omitzero"`
	Problem *retail.Problem `json:"problem,omitempty"`
}

// AddHistory appends an entry.
func (w Writer) AddHistory(e Entry) error {
	return w.exec("writing history", `INSERT INTO history (shop_id, id, connection_id, kind, object, event, outcome, cause, attempt, detail, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		w.shop, e.ID, e.Connection, e.Kind, e.Object, e.Event, e.Outcome, e.Cause, e.Attempt, document(e.Detail), micros(e.At))
}

func scanEntry(s scanner) (Entry, error) {
	var e Entry
	var detail string
	var at int64
	if err := s.Scan(&e.ID, &e.Connection, &e.Kind, &e.Object, &e.Event, &e.Outcome, &e.Cause, &e.Attempt, &detail, &at); err != nil {
		return e, err
	}
	e.At = instant(at)
	return e, parse(detail, &e.Detail)
}

const entryColumns = `id, connection_id, kind, object, event, outcome, cause, attempt, detail, at`

// HistoryFilter narrows History; empty fields do not.
type HistoryFilter struct {
	Connection string
	Kind       HistoryKind
	Object     string
	Before     time.Time
	Limit      int
}

// History lists entries, newest first.
func (r Reader) History(f HistoryFilter) ([]Entry, error) {
	before := micros(f.Before)
	if before == 0 {
		before = 1 << 62
	}
	return rows(r.v, "listing history", scanEntry, `SELECT `+entryColumns+` FROM history WHERE shop_id = $1 AND at < $2
		AND ($3 = '' OR connection_id = $3) AND ($4 = '' OR kind = $4) AND ($5 = '' OR object = $5)
		ORDER BY at DESC, id DESC LIMIT $6`, r.shop, before, f.Connection, string(f.Kind), f.Object, f.Limit)
}

// Entry returns one line of history.
func (r Reader) Entry(id string) (Entry, bool, error) {
	return one(r.v, "reading history", scanEntry, `SELECT `+entryColumns+` FROM history WHERE shop_id = $1 AND id = $2`, r.shop, id)
}

// Attempt is one write call to a platform. It is stored before bytes leave.
type Attempt struct {
	ID         string // the request id that the platform sees
	Connection string
	Route      string
	Cause      string
	Outcome    string // "", then done, refused or unknown
	Status     int
	At, Ended  time.Time
}

// BeginAttempt notes a call that is about to leave.
func (w Writer) BeginAttempt(a Attempt) error {
	return w.exec("noting a call", `INSERT INTO attempts (shop_id, id, connection_id, route, cause, outcome, status, at, ended_at)
		VALUES ($1, $2, $3, $4, $5, '', 0, $6, 0)`, w.shop, a.ID, a.Connection, a.Route, a.Cause, micros(a.At))
}

// EndAttempt notes what became of it.
func (w Writer) EndAttempt(a Attempt) error {
	return w.exec("noting the end of a call", `UPDATE attempts SET outcome = $3, status = $4, ended_at = $5 WHERE shop_id = $1 AND id = $2`,
		w.shop, a.ID, a.Outcome, int64(a.Status), micros(a.Ended))
}

// Attempts lists the calls made for a cause.
func (r Reader) Attempts(cause string) ([]Attempt, error) {
	return rows(r.v, "listing calls", func(s scanner) (Attempt, error) {
		var a Attempt
		var at, ended int64
		err := s.Scan(&a.ID, &a.Connection, &a.Route, &a.Cause, &a.Outcome, &a.Status, &at, &ended)
		a.At, a.Ended = instant(at), instant(ended)
		return a, err
	}, `SELECT id, connection_id, route, cause, outcome, status, at, ended_at FROM attempts WHERE shop_id = $1 AND cause = $2 ORDER BY at, id`, r.shop, cause)
}
