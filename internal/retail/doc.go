// Package retail holds the words of the product: money, quantities, goods,
// orders, packages, invoices, and the explanations that travel with them.
// Everything here is a value; nothing reaches outside.
package retail

// ShopID names one shop (gian hàng), the tenant of the hub.
type ShopID string
