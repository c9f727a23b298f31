package sandbox

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

var signInPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lazada (giả lập) – đăng nhập người bán</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;display:block;width:100%;padding:.7rem;margin:.5rem 0;cursor:pointer;text-align:left}</style></head>
<body><h1>Lazada <small>(giả lập)</small></h1>
{{if .Wrong}}<p role="alert">{{.Wrong}}</p>{{else}}
<p>Ứng dụng <strong>{{.App}}</strong> xin quyền quản lý gian hàng. Hãy chọn gian hàng tại Việt Nam:</p>
<form method="post">
{{range .Sellers}}<button name="seller" value="{{.ID}}">{{.Name}} – {{.Account}} ({{.Code}})</button>
{{else}}<p>Không có gian hàng nào ở quốc gia này.</p>{{end}}
<button name="refuse" value="1">Từ chối</button>
</form>{{end}}</body></html>`))

type signInView struct {
	Wrong, App string
	Sellers    []signInSeller
}

type signInSeller struct {
	ID                  int64
	Name, Account, Code string
}

// signIn is §2.2: GET shows the form, its POST keeps the query and adds
// seller or refuse.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	registered := s.app.redirectURI
	switch {
	case err != nil || back.Host == "" || back.Scheme != "http" && back.Scheme != "https":
		showSignIn(w, http.StatusBadRequest, signInView{Wrong: "redirect_uri không hợp lệ."})
		return
	case registered != "" && q.Get("redirect_uri") != registered:
		showSignIn(w, http.StatusBadRequest, signInView{Wrong: "redirect_uri khác với địa chỉ callback đã đăng ký của ứng dụng (redirect_uri is different from the app's callback URL)."})
		return
	}
	answer := func(name, value string) {
		to := back.Query()
		to.Set(name, value)
		if q.Has("state") {
			to.Set("state", q.Get("state"))
		}
		target := *back
		target.RawQuery = to.Encode()
		http.Redirect(w, r, target.String(), http.StatusFound)
	}
	switch {
	case q.Get("client_id") != s.app.key:
		answer("error", "unauthorized_client")
	case q.Get("response_type") != "code":
		answer("error", "invalid_request")
	case r.Method == http.MethodGet:
		showSignIn(w, http.StatusOK, signInView{App: s.app.key, Sellers: s.offered(q.Get("country"))})
	case r.Method != http.MethodPost:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case r.PostFormValue("refuse") != "":
		answer("error", "access_denied")
	default:
		v := s.sellerByID(r.PostFormValue("seller"))
		if v == nil {
			answer("error", "invalid_request")
			return
		}
		answer("code", s.issueCode(v))
	}
}

// offered lists the sellers of the countries asked for; all are Vietnamese.
func (s *Server) offered(country string) []signInSeller {
	if country != "" && !strings.Contains(","+strings.ToLower(country)+",", ",vn,") {
		return nil
	}
	var out []signInSeller
	for _, v := range s.sellers {
		out = append(out, signInSeller{v.id, v.name, v.account, v.shortCode})
	}
	return out
}

func showSignIn(w http.ResponseWriter, status int, v signInView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = signInPage.Execute(w, v)
}
