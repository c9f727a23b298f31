package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets/*
var embedded embed.FS

// assets serves the style sheets, scripts and fonts. Their addresses hold the
// checksum of all of them, so a browser may keep them for ever and never shows
// an old one.
type assets struct {
	version string
	files   map[string]asset
}

type asset struct {
	kind         string
	plain, small []byte // small is gzipped, nil where that does not help
}

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}}
	sum := sha256.New()
	entries, err := fs.ReadDir(embedded, "assets") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("reading assets: %w", err)
	}
	for _, e := range entries {
		b, err := fs.ReadFile(embedded, "assets/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading assets: %w", err)
		}
		sum.Write(b)
		f := asset{kind: kindOf(e.Name()), plain: b}
		if strings.HasPrefix(f.kind, "text/") || path.Ext(e.Name()) == ".svg" {
			var out bytes.Buffer
			z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
			if _, err := z.Write(b); err != nil {
				return nil, fmt.Errorf("packing assets: %w", err)
			}
			if err := z.Close(); err != nil {
				return nil, fmt.Errorf("packing assets: %w", err)
			}
			f.small = out.Bytes()
		}
		a.files[e.Name()] = f
	}
	a.version = hex.EncodeToString(sum.Sum(nil))[:16]
	return a, nil
}

// kindOf does not ask the machine's own table, which differs.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".md", ".txt":
		return "text/plain; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (a *assets) url(name string) string { return "/assets/" + a.version + "/" + name }

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("file")]
	if !ok || r.PathValue("version") != a.version {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	body := f.plain
	if f.small != nil {
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			body = f.small
		}
	}
	_, _ = w.Write(body)
}
