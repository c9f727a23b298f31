package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// Server is the simulated platform: token endpoint, API and desk behind one
// handler. It is safe for concurrent use.
type Server struct {
	world  *kit.World
	desk   *kit.Desk
	gate   *kit.Gate
	routes []route

	mu       sync.Mutex
	shops    []*shop
	warned   []warning
	attempts map[string]int // how often a request was decided by a switch
}

var _ kit.Server = (*Server)(nil)

type warning struct {
	at       time.Time
	retailer string
	route    string
	text     string
}

// DefaultRetailer is the shop that exists from the beginning.
const DefaultRetailer = "sandboxshop"

// New returns a platform with one retailer, ready to connect.
func New(w *kit.World) *Server {
	s := &Server{world: w, attempts: map[string]int{}}
	s.desk = &kit.Desk{
		World: w, Platform: "KiotViet",
		Note: "Giả lập KiotViet: quầy, kho và chủ cửa hàng làm việc tại đây; API công khai ở cùng địa chỉ.",
	}
	s.addSwitches()
	s.buildRoutes()
	s.addShop(DefaultRetailer)
	s.addGoodsActions()
	s.addSalesActions()
	s.addShopActions()
	s.addGoodsViews()
	s.addSalesViews()
	s.gate = &kit.Gate{
		World: w, Platform: "kiotviet", Route: s.routeName,
		Secret: []string{"client_secret", "access_token", "Secret", "secret"},
		Refuse: s.refuse,
		Next:   http.HandlerFunc(s.serve),
	}
	return s
}

// Actors implements kit.Server.
func (s *Server) Actors() http.Handler { return s.desk }

// Desk gives tests in Go the desk without HTTP.
func (s *Server) Desk() *kit.Desk { return s.desk }

// Info implements kit.Server. It describes the first retailer; the action
// add_retailer answers the same names for another one.
func (s *Server) Info(base string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	base = strings.TrimSuffix(base, "/")
	first := s.shops[0]
	return map[string]string{
		"base_url": base, "auth_url": base + "/connect/token",
		"client_id": first.clientID, "client_secret": first.clientSecret, "retailer": first.name,
		"actors_url": base + "/_desk/",
	}
}

// ServeHTTP implements kit.Server. Faults and the journal stand before the API
// and not before the desk.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_desk" {
		http.Redirect(w, r, "/_desk/", http.StatusSeeOther)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/_desk/") {
		http.StripPrefix("/_desk", s.desk).ServeHTTP(w, r)
		return
	}
	s.switchFaults(r)
	s.gate.ServeHTTP(w, r)
}

// serve answers the API.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.routeName(r) == tokenRoute {
		s.serveToken(w, r)
		return
	}
	rt, vars := s.match(r.Method, r.URL.Path)
	if rt == nil {
		// §3.6: 404 is for unknown routes, never for unknown entities.
		respond(w, nil, &refusal{status: http.StatusNotFound, code: "NotFound", message: "Resource not found"})
		return
	}
	c := &call{srv: s, r: r, now: s.world.Now(), route: rt.name}
	if err := s.authorise(c, w, rt); err != nil {
		respond(w, nil, err)
		return
	}
	var err error
	if c.in, err = bind(c, r, vars); err != nil {
		c.warn("a body that cannot be read")
		respond(w, nil, &refusal{status: http.StatusBadRequest, code: "SerializationException", message: err.Error()})
		return
	}
	answer, err := rt.do(c)
	if err == nil && r.Method == http.MethodGet {
		// Only reads can fail here: a write asks before it changes anything.
		err = c.checked()
	}
	if err != nil {
		c.shop.pending = nil
	} else {
		s.flush(c.shop)
	}
	respond(w, answer, err)
}

func respond(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	var no *refusal
	switch {
	case errors.As(err, &no):
		status = no.status
		v = no.body()
		if no.empty {
			w.WriteHeader(status)
			return
		}
	case err != nil:
		status = http.StatusInternalServerError
		v = obj("message", err.Error())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v))
}
