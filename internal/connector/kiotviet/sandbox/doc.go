// Package sandbox simulates the public API of KiotViet (Retail).
//
// It is written from the platform's page alone (shared/api/kiotviet.md; the
// section numbers in comments refer to it) and from the simulator kit. It
// keeps its own stock journal, orders, invoices and price books, and is as
// strict or as lenient as the page says that the platform is. Whatever the
// page calls unknown is a switch of the desk, and using it leaves a warning in
// the journal and in the view "warnings".
//
// One Server holds several retailers (shops). They share the handler, as the
// real hosts do: the token names the shop and the header Retailer must agree.
package sandbox
