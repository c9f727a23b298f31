package sandbox

import (
	"net/http"
	"strings"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// call is one authorised API call while it is carried out. The server's lock
// is held for its whole length.
type call struct {
	srv  *Server
	shop *shop
	r    *http.Request
	in   input
	now  time.Time
	bad  []string // members of the input that could not be coerced

	route    string
	warnings []string
}

// warn notes that the call exercises behaviour that nobody documented (§10.3).
func (c *call) warn(text string) {
	c.warnings = append(c.warnings, text)
	kit.Warn(c.r, "behaviour not known: "+strings.Join(c.warnings, "; "))
	name := ""
	if c.shop != nil {
		name = c.shop.name
	}
	c.srv.warned = append(c.srv.warned, warning{at: c.now, retailer: name, route: c.route, text: text})
}

// checked reports input that could not be bound. Handlers ask before they
// change anything.
func (c *call) checked() error {
	if len(c.bad) == 0 {
		return nil
	}
	c.warn("a value of the wrong type")
	return &refusal{status: http.StatusBadRequest, code: "RequestBindingException", message: strings.Join(c.bad, "; ")}
}

type handler func(c *call) (any, error)

type route struct {
	method string
	parts  []string // lower case; "{id}" matches anything
	name   string   // "GET /orders/{id}"
	right  string   // the API key's permission: "orders" becomes orders_read or orders_write
	do     handler
	// invented spellings are served only while lenient_routes is on (§10.1.3).
	invented bool
}

func newRoute(pattern, right string, do handler) route {
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.ToLower(path)
	return route{method: method, parts: strings.Split(strings.Trim(path, "/"), "/"), name: method + " " + path, right: right, do: do}
}

// routes is the index of §1.1, literal paths before those with variables.
func (s *Server) buildRoutes() {
	add := func(right string, list ...any) {
		for i := 0; i+1 < len(list); i += 2 {
			s.routes = append(s.routes, newRoute(list[i].(string), right, list[i+1].(func(*call) (any, error))))
		}
	}
	add("categories",
		"GET /categories", listCategories, "GET /categories/{id}", getCategory, "POST /categories", addCategory,
		"PUT /categories/{id}", putCategory, "DELETE /categories/{id}", deleteCategory)
	add("products",
		"GET /products", listProducts, "GET /products/code", getProductByCode, "GET /products/code/{code}", getProductByCode,
		"GET /products/{id}", getProduct, "POST /products", addProduct, "PUT /products/{id}", putProduct,
		"DELETE /products/{id}", deleteProduct, "POST /listaddproducts", addProducts,
		"PUT /listupdatedproducts", putProducts, "GET /productOnHands", listOnHands,
		"GET /attributes/allwithdistinctvalue", listAttributes)
	add("pricebooks", "GET /pricebooks", listPriceBooks, "GET /pricebooks/{id}", listPrices, "POST /pricebooks/detail", setPrice)
	add("customers",
		"GET /customers", listCustomers, "GET /customers/group", listCustomerGroups, "GET /customers/code/{code}", getCustomerByCode,
		"GET /customers/{id}", getCustomer, "POST /customers", addCustomer, "PUT /customers/{id}", putCustomer,
		"DELETE /customers/{id}", deleteCustomer,
		"POST /listaddcutomers", addCustomers, "POST /listaddcustomers", addCustomers, "PUT /listupdatecustomers", putCustomers)
	add("orders",
		"GET /orders", listOrders, "GET /orders/code/{code}", getOrderByCode, "GET /orders/{id}", getOrder,
		"POST /orders", addOrder, "PUT /orders/{id}", putOrder, "DELETE /orders/{id}", cancelOrder)
	add("invoices",
		"GET /invoices", listInvoices, "GET /invoices/code/{code}", getInvoiceByCode, "GET /invoices/{id}", getInvoice,
		"POST /invoices", addInvoice, "PUT /invoices/{id}", putInvoice, "DELETE /invoices", voidInvoice, "DELETE /invoices/{id}", voidInvoice,
		"POST /payments", addPayment)
	add("branches", "GET /branches", listBranches)
	add("users", "GET /users", listUsers)
	add("bankaccounts", "GET /BankAccounts", listBankAccounts)
	add("surcharges",
		"GET /surchages", listSurcharges, "POST /surchages", addSurcharge, "PUT /surchages/{id}", putSurcharge,
		"POST /surchages/{id}/activesurchage", activateSurcharge)
	add("salechannels", "GET /salechannel", listChannels)
	add("returns", "GET /returns", listReturns, "GET /returns/code/{code}", getReturn, "GET /returns/{id}", getReturn)
	add("cashflow", "GET /cashflow", listCashFlow)
	add("purchaseorders",
		"GET /purchaseorders", listPurchases, "GET /purchaseorders/{id}", getPurchase, "POST /purchaseorders", addPurchase,
		"PUT /purchaseorders/{id}", putPurchase, "DELETE /purchaseorders", deletePurchase)
	add("ordersuppliers", "GET /ordersuppliers", listSupplierOrders, "GET /ordersuppliers/{id}", getSupplierOrder)
	add("suppliers", "GET /suppliers", listSuppliers, "GET /suppliers/code/{key}", getSupplier, "GET /suppliers/{key}", getSupplier)
	add("transfers",
		"GET /transfers", listTransfers, "GET /transfers/{id}", getTransfer, "POST /transfers", addTransfer,
		"PUT /transfers/{id}", putTransfer, "DELETE /transfers/{id}", deleteTransfer)
	add("trademarks", "GET /trademark", listTrademarks)
	add("locations", "GET /locations", listLocations)
	add("settings", "GET /settings", getSettings)
	add("vouchers",
		"GET /vouchercampaign", listCampaigns, "GET /voucher", listVouchers, "POST /voucher", addVouchers,
		"POST /voucher/release/give", giveVouchers, "DELETE /voucher/cancel", cancelVouchers, "POST /coupons/setused", useCoupons)
	add("webhooks",
		"GET /webhooks", listWebhooks, "GET /webhooks/{id}", getWebhook, "POST /webhooks", addWebhook,
		"PUT /webhooks/{id}", putWebhook, "DELETE /webhooks/{id}", deleteWebhook)

	// Spellings of second-hand documents (§0, §8).
	first := len(s.routes)
	add("surcharges", "GET /surcharges", listSurcharges)
	add("customers", "GET /customergroups", listCustomerGroups)
	add("salechannels", "GET /salechannels", listChannels)
	add("trademarks", "GET /trademarks", listTrademarks)
	add("cashflow", "GET /cashbook", listCashFlow, "GET /cashbooks", listCashFlow)
	add("vouchers", "GET /vouchers/campaigns", listCampaigns)
	add("webhooks", "GET /webhook", listWebhooks, "POST /webhook", addWebhook, "DELETE /webhook/{id}", deleteWebhook)
	add("products", "GET /products/inventories", listOnHands)
	for i := first; i < len(s.routes); i++ {
		s.routes[i].invented = true
	}
	// In front, where they are served at all: one of them looks like an id.
	s.routes = append(s.routes[first:len(s.routes):len(s.routes)], s.routes[:first]...)
}

// match finds the route of a request. Routes are matched without regard to
// case (§4.7).
func (s *Server) match(method, path string) (*route, map[string]string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := range s.routes {
		rt := &s.routes[i]
		if rt.method != method || len(rt.parts) != len(parts) || rt.invented && s.desk.Is("lenient_routes", "false") {
			continue
		}
		vars := map[string]string{}
		fits := true
		for j, want := range rt.parts {
			if strings.HasPrefix(want, "{") {
				vars[strings.Trim(want, "{}")] = parts[j]
				fits = fits && parts[j] != ""
			} else {
				fits = fits && strings.ToLower(parts[j]) == want
			}
		}
		if fits {
			return rt, vars
		}
	}
	return nil, nil
}

const tokenRoute = "POST /connect/token"

// routeName names a request for the journal and for fault rules.
func (s *Server) routeName(r *http.Request) string {
	if r.Method == http.MethodPost && strings.EqualFold(r.URL.Path, "/connect/token") {
		return tokenRoute
	}
	if rt, _ := s.match(r.Method, r.URL.Path); rt != nil {
		return rt.name
	}
	return r.Method + " " + strings.ToLower(r.URL.Path)
}
