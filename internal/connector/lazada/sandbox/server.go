package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// Server is one simulated Lazada Vietnam with one app and its sellers. It
// implements kit.Server.
type Server struct {
	world *kit.World
	desk  *kit.Desk
	gate  *kit.Gate // business APIs
	door  *kit.Gate // token APIs

	mu      sync.Mutex
	app     *app
	sellers []*seller

	codes   map[string]*code
	tokens  map[string]*token
	allGot  []*token // every token ever, in order of issue
	buyers  map[string]int64
	buckets map[string]*bucket
	today   dayCount
	closed  map[string]bool // APIs throttled by the action of that name
	journal []movement
	refused []refusal
	pushes  []*push

	requests, nextOrder, nextItem, nextReverse, nextPackage, nextSKU, nextProduct, nextToken int64
}

var _ kit.Server = (*Server)(nil)

// What a fresh simulator is known by; the test vectors of §4.2 use them.
const (
	firstAppKey    = "900100"
	firstAppSecret = "sbx_secret_0f3a9c7e51d24b68"
	handToken      = "50000600b41TESTtokenVN0001"
)

// New returns a simulator with one app and one Vietnamese seller.
func New(w *kit.World) *Server {
	s := &Server{
		world: w,
		app:   &app{key: firstAppKey, secret: firstAppSecret, state: "online"},
		codes: map[string]*code{}, tokens: map[string]*token{}, buyers: map[string]int64{},
		buckets: map[string]*bucket{}, closed: map[string]bool{},
		nextOrder: 411002003004005, nextItem: 411002003104005, nextReverse: 658900600104005,
		nextPackage: 40011223344005, nextSKU: 10440099887, nextProduct: 2180011223,
	}
	s.desk = s.newDesk()
	s.gate = s.newGate("sign", "access_token", "app_secret")
	// An authorization code is secret, but the kit blacks out members of
	// answers by the same list and "code" is also every answer's result.
	s.door = s.newGate("sign", "access_token", "refresh_token", "code", "app_secret")
	first := s.addSeller("Shop Thời Trang A")
	first.account, first.shortCode = "owner@example.vn", "VN1ABCDEF"
	s.keep(&token{text: handToken, kind: accessToken, seller: first, byHand: true, issued: s.now(), expires: s.now().AddDate(10, 0, 0)})
	return s
}

func (s *Server) newGate(secret ...string) *kit.Gate {
	return &kit.Gate{
		World: s.world, Platform: "lazada",
		Route:    func(r *http.Request) string { return r.Method + " " + apiPath(r) },
		Volatile: []string{"timestamp", "sign", "access_token"},
		Secret:   secret,
		Refuse:   s.refuse,
		Next:     http.HandlerFunc(s.serveAPI),
	}
}

func (s *Server) addSeller(name string) *seller {
	n := int64(len(s.sellers))
	v := &seller{
		id: 200177001 + n, name: name, account: fmt.Sprintf("owner%d@example.vn", n+1), shortCode: fmt.Sprintf("VN%dABCDEF", n+1),
		status: "ACTIVE", verified: true, warehouses: []string{defaultWarehouse},
		skus: map[int64]*sku{}, byOrder: map[int64]*order{}, items: map[int64]*item{}, packages: map[string]*pkg{},
	}
	s.sellers = append(s.sellers, v)
	return v
}

// ServeHTTP answers the API, the sign-in page, label files and the desk.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/rest/auth/"):
		s.door.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/rest/"):
		s.gate.ServeHTTP(w, r)
	case path == "/oauth/authorize":
		s.signIn(w, r)
	case strings.HasPrefix(path, "/label/"):
		s.serveLabel(w, r)
	case strings.HasPrefix(path, "/_desk/"):
		http.StripPrefix("/_desk", s.desk).ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Actors answers the desk alone.
func (s *Server) Actors() http.Handler { return s.desk }

// Info names what a client needs to connect.
func (s *Server) Info(base string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	base = strings.TrimSuffix(base, "/")
	return map[string]string{
		"base_url": base + "/rest", "auth_url": base + "/oauth/authorize", "actors_url": base + "/_desk/",
		"app_key": s.app.key, "app_secret": s.app.secret, "access_token": handToken,
	}
}

// now is the platform's time in whole seconds, the grain of its answers: a
// watermark read from an answer can then never lie before what it stands for.
func (s *Server) now() time.Time { return s.world.Now().Truncate(time.Second) }

func apiPath(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/rest") }
