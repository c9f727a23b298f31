package sandbox

import (
	"net/http"
	"slices"
)

// endpoint is one line of §19.
type endpoint struct {
	verbs     string // "GET", "POST" or "GET/POST"
	group     string // permission group, §5.2 InsufficientPermission
	run       func(*Server, *call) reply
	tokenless bool // token API
	inventory bool // §5.4: 50 calls a second and seller
	slow      bool // §5.4: about one call a second
	legacy    bool // §8.2: only with the switch legacy_fulfilment
}

func (e endpoint) takes(method string) bool {
	switch e.verbs {
	case "GET/POST":
		return method == http.MethodGet || method == http.MethodPost
	default:
		return method == e.verbs
	}
}

// permits tells whether the app was granted a group; without a list it has
// all.
func (a *app) permits(group string) bool {
	return len(a.permissions) == 0 || slices.Contains(a.permissions, group)
}

// endpoints is set in init: handlers lead back to it through the checks.
var endpoints map[string]endpoint

func init() {
	endpoints = map[string]endpoint{
		"/auth/token/create":  {verbs: "GET/POST", tokenless: true, run: (*Server).tokenCreate},
		"/auth/token/refresh": {verbs: "GET/POST", tokenless: true, run: (*Server).tokenRefresh},

		"/orders/get":               {verbs: "GET", group: "order", run: (*Server).ordersGet},
		"/order/get":                {verbs: "GET", group: "order", run: (*Server).orderGet},
		"/order/items/get":          {verbs: "GET", group: "order", run: (*Server).orderItemsGet},
		"/orders/items/get":         {verbs: "GET", group: "order", run: (*Server).ordersItemsGet},
		"/order/invoice_number/set": {verbs: "POST", group: "order", run: (*Server).invoiceNumberSet},
		"/order/document/get":       {verbs: "GET", group: "fulfilment", run: (*Server).orderDocumentGet},

		"/order/shipment/providers/get":      {verbs: "GET/POST", group: "fulfilment", run: (*Server).shipmentProviders},
		"/order/fulfill/pack":                {verbs: "POST", group: "fulfilment", run: (*Server).pack},
		"/order/package/rts":                 {verbs: "POST", group: "fulfilment", run: (*Server).readyToShip},
		"/order/package/repack":              {verbs: "GET/POST", group: "fulfilment", run: (*Server).repack},
		"/order/package/document/get":        {verbs: "GET/POST", group: "fulfilment", run: (*Server).packageDocument},
		"/order/package/sof/delivered":       {verbs: "POST", group: "fulfilment", run: (*Server).sofDelivered},
		"/order/package/sof/failed_delivery": {verbs: "POST", group: "fulfilment", run: (*Server).sofFailed},
		"/order/digital/delivered":           {verbs: "POST", group: "fulfilment", run: (*Server).digitalDelivered},
		"/logistic/order/trace":              {verbs: "GET/POST", group: "fulfilment", run: (*Server).orderTrace},

		"/order/pack":               {verbs: "POST", group: "fulfilment", legacy: true, run: (*Server).legacyPack},
		"/order/rts":                {verbs: "POST", group: "fulfilment", legacy: true, run: (*Server).legacyRTS},
		"/order/repack":             {verbs: "POST", group: "fulfilment", legacy: true, run: (*Server).legacyRepack},
		"/order/cancel":             {verbs: "POST", group: "order", legacy: true, run: (*Server).legacyCancel},
		"/order/failure_reason/get": {verbs: "GET", group: "order", legacy: true, run: (*Server).failureReasons},
		"/shipment/providers/get":   {verbs: "GET", group: "fulfilment", legacy: true, slow: true, run: (*Server).legacyProviders},

		"/order/reverse/cancel/validate":          {verbs: "GET", group: "reverse", run: (*Server).cancelValidate},
		"/order/reverse/cancel/create":            {verbs: "GET", group: "reverse", run: (*Server).cancelCreate},
		"/order/reverse/cancel/seller/decide":     {verbs: "GET", group: "reverse", run: (*Server).cancelDecide},
		"/reverse/getreverseordersforseller":      {verbs: "GET/POST", group: "reverse", run: (*Server).reverseOrders},
		"/order/reverse/return/detail/list":       {verbs: "GET", group: "reverse", run: (*Server).returnDetail},
		"/order/reverse/return/history/list":      {verbs: "GET", group: "reverse", run: (*Server).returnHistory},
		"/order/reverse/reason/list":              {verbs: "GET", group: "reverse", run: (*Server).refusalReasons},
		"/order/reverse/return/update":            {verbs: "GET", group: "reverse", run: (*Server).returnUpdate},
		"/order/reverse/onlyrefund/seller/decide": {verbs: "GET", group: "reverse", run: (*Server).onlyRefundDecide},

		"/products/get":                  {verbs: "GET", group: "product", run: (*Server).productsGet},
		"/product/item/get":              {verbs: "GET", group: "product", run: (*Server).productItemGet},
		"/product/price_quantity/update": {verbs: "POST", group: "product", inventory: true, run: (*Server).priceQuantityUpdate},
		// Listed as GET/POST, but GET was answered UnsupportedHTTPMethod (§12.1).
		"/product/stock/sellable/update": {verbs: "POST", group: "product", inventory: true, run: (*Server).sellableUpdate},
		"/product/stock/sellable/adjust": {verbs: "POST", group: "product", inventory: true, run: (*Server).sellableAdjust},
		"/product/update":                {verbs: "POST", group: "product", run: (*Server).productUpdate},
		"/product/deactivate":            {verbs: "POST", group: "product", run: (*Server).productDeactivate},
		"/product/remove":                {verbs: "POST", group: "product", run: (*Server).productRemove},
		"/product/sku/remove":            {verbs: "POST", group: "product", run: (*Server).skuRemove},

		"/seller/get":              {verbs: "GET", group: "seller", run: (*Server).sellerGet},
		"/seller/warehouse/get":    {verbs: "GET", group: "seller", run: (*Server).sellerWarehouses},
		"/rc/warehouse/get":        {verbs: "GET/POST", group: "seller", run: (*Server).rcWarehouses},
		"/rc/warehouse/detail/get": {verbs: "GET/POST", group: "seller", run: (*Server).rcWarehouses},
	}
}
