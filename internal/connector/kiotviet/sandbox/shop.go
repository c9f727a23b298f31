package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// shop is one retailer with all of its ledgers. The server's lock guards it.
type shop struct {
	srv  *Server
	id   int64
	name string

	clientID, clientSecret string
	tokens                 map[string]*token
	quotaStart             time.Time   // of the fixed window
	quotaUsed              []time.Time // GETs inside the window

	settings map[string]bool
	denied   map[string]bool // permissions taken from the API key

	branches   []*branch
	users      []*user
	channels   []*channel
	surcharges []*surcharge
	categories []*category
	products   []*product
	byID       map[int64]*product // live products
	byCode     map[string]*product
	books      []*priceBook
	customers  []*customer
	groups     []*customerGroup
	orders     []*order
	invoices   []*invoice
	payments   []*payment
	returns    []*returned
	purchases  []*purchase
	suppliers  []*supplier
	transfers  []*transfer
	campaigns  []*campaign
	vouchers   []*voucher
	accounts   []*bankAccount
	attributes map[string]int64 // ids of attribute names
	removed    map[string][]tomb

	movements []movement
	onHands   map[stockKey]decimal.Decimal
	reserves  map[stockKey]decimal.Decimal

	hooks      []*webhook
	pending    []event
	deliveries int

	last map[string]int64 // the newest id and auto code of each kind
}

// tomb remembers a deleted id for includeRemoveIds.
type tomb struct {
	id int64
	at time.Time
}

// Ids start where the page's examples do, so that a log line tells what kind
// of id it shows. Shops are far apart: an id of one shop never means something
// in another.
var firstID = map[string]int64{
	"branch": 1_000_000_006, "user": 19, "category": 70_000, "product": 900_000, "customer": 810_000, "order": 660_000,
	"invoice": 771_000, "payment": 550_000, "surcharge": 40, "docSurcharge": 5_100, "channel": 30, "book": 3_300,
	"webhook": 9_000, "return": 440_000, "purchase": 330_000, "supplier": 220_000, "transfer": 110_000, "attribute": 600,
}

const shopDistance = 10_000_000

func (s *shop) next(kind string) int64 {
	if _, ok := s.last[kind]; !ok {
		s.last[kind] = firstID[kind] + s.index()*shopDistance
	}
	s.last[kind]++
	return s.last[kind]
}

func (s *shop) index() int64 { return s.id - firstRetailerID }

const firstRetailerID = 500_100

// autoCode gives the next free code such as SP000123 (§3.5).
func (s *shop) autoCode(prefix string, taken func(string) bool) string {
	for {
		s.last["code "+prefix]++
		code := fmt.Sprintf("%s%06d", prefix, s.last["code "+prefix])
		if !taken(code) {
			return code
		}
	}
}

// random derives hex digits from the seed: the same in every run.
func (s *shop) random(parts ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, s.srv.world.Seed, s.name, parts))
	return hex.EncodeToString(sum[:])
}

func (s *shop) guid(parts ...any) string {
	h := s.random(parts...)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "8" + h[17:20], h[20:32]}, "-")
}

func (s *shop) now() time.Time { return s.srv.world.Now() }

func (s *shop) is(name, value string) bool { return s.srv.desk.Is(name, value) }

func (s *shop) bury(kind string, id int64) {
	s.removed[kind] = append(s.removed[kind], tomb{id: id, at: s.now()})
}

// buried returns the ids deleted at or after a moment.
func (s *shop) buried(kind string, from time.Time) []int64 {
	ids := []int64{}
	for _, t := range s.removed[kind] {
		if !t.at.Before(from) {
			ids = append(ids, t.id)
		}
	}
	return ids
}

// addShop opens a retailer. The super admin is the first user and is never
// listed (§4.7).
func (srv *Server) addShop(name string) *shop {
	s := &shop{
		srv: srv, id: firstRetailerID + int64(len(srv.shops)), name: name,
		tokens: map[string]*token{}, settings: map[string]bool{}, denied: map[string]bool{},
		byID: map[int64]*product{}, byCode: map[string]*product{}, attributes: map[string]int64{}, removed: map[string][]tomb{},
		onHands: map[stockKey]decimal.Decimal{}, reserves: map[stockKey]decimal.Decimal{}, last: map[string]int64{},
	}
	s.clientID = s.guid("client")
	s.newSecret()
	for _, set := range shopSettings {
		s.settings[set.name] = set.on
	}
	created := s.now()
	s.addBranch("Chi nhánh trung tâm")
	s.users = append(s.users,
		&user{id: s.next("user"), userName: "admin", givenName: "Chủ cửa hàng", superAdmin: true, created: created},
		&user{id: s.next("user"), userName: "thungan", givenName: "Thu ngân", created: created})
	for _, n := range []string{"Bán trực tiếp", "Facebook", "Website", "Lazada", "Shopee", "TikTok Shop"} {
		s.channels = append(s.channels, &channel{id: s.next("channel"), name: n, active: true, created: created})
	}
	for _, n := range []string{"Phí vận chuyển", "Thu khác"} {
		s.surcharges = append(s.surcharges, &surcharge{
			id: s.next("surcharge"), code: s.autoCode("THK", func(string) bool { return false }), name: n, active: true, created: created,
		})
	}
	s.categories = append(s.categories, &category{id: s.next("category"), name: "Hàng hóa", created: created})
	s.groups = append(s.groups, &customerGroup{id: 1, name: "Khách sỉ", created: created}, &customerGroup{id: 2, name: "Khách quen", created: created})
	s.accounts = append(s.accounts, &bankAccount{id: 51, bank: "Vietcombank", number: "0000000001", description: "Tài khoản cửa hàng", created: created})
	s.seedVouchers(created)
	s.pending = nil // nobody listens yet
	srv.shops = append(srv.shops, s)
	return s
}

// newSecret issues the next client secret: 40 upper-case hexadecimal
// characters (§2.1).
func (s *shop) newSecret() {
	s.last["secret"]++
	s.clientSecret = strings.ToUpper(s.random("secret", s.last["secret"])[:40])
}

// shopNamed finds a retailer; "" is the first one.
func (srv *Server) shopNamed(name string) (*shop, error) {
	if name == "" {
		return srv.shops[0], nil
	}
	for _, s := range srv.shops {
		if strings.EqualFold(s.name, name) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("no retailer %q", name)
}

// find returns the first element that fits, or the zero value.
func find[T any](list []T, fits func(T) bool) (found T) {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i]
	}
	return found
}
