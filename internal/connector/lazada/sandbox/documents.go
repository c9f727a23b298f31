package sandbox

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// labelLife is how long a pdf_url works (§8.1).
const labelLife = 10 * time.Minute

// packageDocument is §8.1: base64 of HTML, which for PDF is a frame around the
// file. Right after packing it can be empty (switch label_delay).
func (s *Server) packageDocument(c *call) reply {
	req, packages, out, bad := s.batch(c, "getDocumentReq", "packages")
	if bad {
		return out
	}
	kind := text(req["doc_type"])
	if kind != "PDF" && kind != "HTML" {
		return s.batchRefused("700004", "doc_type is illegal")
	}
	var pages strings.Builder
	for _, entry := range packages {
		p := c.seller.packages[text(members(entry)["package_id"])]
		switch {
		case p == nil:
			return s.batchRefused(noPackage.code, noPackage.msg)
		case p.cancelled:
			return s.batchRefused("700040", "nothing printable")
		case s.world.Now().Before(p.packedAt.Add(s.duration("label_delay"))):
			return fulfilled(map[string]any{"file": "", "pdf_url": "", "doc_type": kind})
		}
		pages.WriteString(labelPage(p))
	}
	answer := map[string]any{"doc_type": kind}
	if kind == "PDF" {
		first := text(members(packages[0])["package_id"])
		url := fmt.Sprintf("http://%s/label/%d/%s?expires=%d", c.r.Host, c.seller.id, first, s.world.Now().Add(labelLife).Unix())
		answer["pdf_url"] = url
		pages.Reset()
		fmt.Fprintf(&pages, "<iframe src=%q></iframe>", url)
	}
	answer["file"] = base64.StdEncoding.EncodeToString([]byte(pages.String()))
	return fulfilled(answer)
}

func labelPage(p *pkg) string {
	return fmt.Sprintf("<section><h1>%s</h1><p>%s</p><p>%s</p><p>Thu hộ: %d đ</p></section>", html.EscapeString(p.id), html.EscapeString(p.tracking), html.EscapeString(p.provider), p.toCollect())
}

// serveLabel answers a pdf_url. The sandbox prints HTML, not PDF.
func (s *Server) serveLabel(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/label/"), "/")
	v := s.sellerByID(who)
	expires, _ := strconv.ParseInt(r.URL.Query().Get("expires"), 10, 64)
	if v == nil || v.packages[id] == nil || s.world.Now().Unix() > expires {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!doctype html><meta charset=utf-8>" + labelPage(v.packages[id])))
}

// orderDocumentGet is the older label call of §8.2.
func (s *Server) orderDocumentGet(c *call) reply {
	switch c.get("doc_type") {
	case "invoice", "shippingLabel", "carrierManifest":
	default:
		return refused(isp, "32", "E032: Document type \"%s\" is not valid", c.get("doc_type"))
	}
	ids, err := idList(c.get("order_item_ids"))
	if err != nil || len(ids) == 0 {
		return refused(isp, "20", "E020: \"%s\" Invalid Order Item IDs", c.get("order_item_ids"))
	}
	var pages strings.Builder
	for _, id := range ids {
		it := c.seller.items[number(id)]
		if it == nil {
			return refused(isp, "20", "E020: \"%s\" Invalid Order Item IDs", id)
		}
		if it.pkg == nil {
			return refused(isp, "34", "E034: Order Item must be packed. Please call setStatusToReadyToShip before")
		}
		pages.WriteString(labelPage(it.pkg))
	}
	return data(map[string]any{"document": map[string]any{
		"file": base64.StdEncoding.EncodeToString([]byte(pages.String())), "mime_type": "text/html", "document_type": c.get("doc_type"),
	}})
}

// orderTrace is §8.3; it knows packages from ready_to_ship on.
func (s *Server) orderTrace(c *call) reply {
	o := s.orderOf(c, c.get("order_id"))
	if o == nil {
		return refused(isp, "INPUT_PARAM_VALID", "order_id is invalid")
	}
	var packages []map[string]any
	for _, id := range c.seller.packageIDs {
		p := c.seller.packages[id]
		if p.order != o || len(p.events) == 0 {
			continue
		}
		var lines []map[string]any
		for _, it := range p.items {
			lines = append(lines, map[string]any{"trade_order_line_id": it.id, "sku_id": it.sku.id})
		}
		events := []map[string]any{}
		for _, e := range p.events {
			events = append(events, map[string]any{
				"status_code": e.code, "detail_type": e.code, "title": e.detail, "description": e.detail,
				"event_time": e.at.UnixMilli(), "event_date": e.at.In(hanoi).Format(time.DateOnly), "receive_time": e.at.UnixMilli(),
				"package_location_name": "", "icon": "", "proof_images": []any{},
			})
		}
		packages = append(packages, map[string]any{
			"ofc_package_id": p.id, "tracking_number": p.tracking, "order_line_info_list": lines, "logistic_detail_info_list": events,
		})
	}
	if len(packages) == 0 {
		return refused(isp, "LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK", "no logistic detail yet")
	}
	return result(map[string]any{"success": true, "module": []map[string]any{{
		"ofc_order_id": o.id, "warehouse_detail_info": map[string]any{}, "package_detail_info_list": packages,
	}}})
}
