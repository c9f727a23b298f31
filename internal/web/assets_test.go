package web

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// vendored are the checksums of the files that are not ours (assets/LICENSES.md).
var vendored = map[string]string{
	"tabler.min.css":         "09c0ad77d135f90fd8cbc583824b2fdbd247adbc001234d27a36f284bfecab5e",
	"htmx.min.js":            "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
	"hx-sse.min.js":          "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
	"inter-latin.woff2":      "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
	"inter-vietnamese.woff2": "5c66f9e07e90c6d4ac4922cc68d60de26c17b1858e677fb5e603fce3952b3ff2",
}

func TestVendoredFilesAreWhatTheyWere(t *testing.T) {
	licences, err := os.ReadFile("assets/LICENSES.md")
	if err != nil {
		t.Fatal(err)
	}
	ours := []string{"console.css", "console.js", "mark.svg", "LICENSES.md", "OFL.txt"}
	entries, err := embedded.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := embedded.ReadFile("assets/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		want, known := vendored[e.Name()]
		switch {
		case slices.Contains(ours, e.Name()):
		case !known:
			t.Errorf("%s is neither ours nor vendored", e.Name())
		case hex.EncodeToString(sum[:]) != want:
			t.Errorf("%s has changed", e.Name())
		}
		if !strings.Contains(string(licences), e.Name()) && e.Name() != "LICENSES.md" {
			t.Errorf("LICENSES.md does not name %s", e.Name())
		}
	}
}

// What is not in the console's own files must not be asked for: the policy
// forbids it, and a shop's console may have no way out.
func TestNothingComesFromElsewhere(t *testing.T) {
	for _, name := range []string{"console.css", "console.js"} {
		b, err := embedded.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`https?://|@import`).Find(b); found != nil {
			t.Errorf("%s asks for %s", name, found)
		}
		for _, file := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(string(b), -1) {
			if _, err := embedded.Open("assets/" + file[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
