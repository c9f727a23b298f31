package sandbox

import "fmt"

// refusal is an answer that is not a success (§3.6).
type refusal struct {
	status  int
	code    string // errorCode; empty: only a message
	message string
	empty   bool // no body at all
}

func (e *refusal) Error() string { return e.message }

// The exception family of §3.6.
const (
	anyException      = "KvException"
	validateException = "KvValidateException"
	productException  = "KvValidateProductException"
	orderException    = "KvValidateOrderException"
	invoiceException  = "KvValidateInvoiceException"
	customerException = "KvValidateCustomerException"
	branchException   = "KvValidateBranchException"
	userException     = "KvValidateUserException"
	channelException  = "KvValidateSaleChannelException"
	tokenException    = "TokenException"
)

// business is a validation or business error: always HTTP 420, also for
// things that do not exist.
func business(code, format string, args ...any) *refusal {
	return &refusal{status: 420, code: code, message: fmt.Sprintf(format, args...)}
}

// The sentences known from live captures (§3.6).
func noSuchProduct() *refusal {
	return business(productException, "Hàng hóa được chọn không tồn tại hoặc đã bị xóa")
}

func noSuchCategory() *refusal {
	return business(productException, "Nhóm hàng được chọn không tồn tại hoặc đã bị xóa khỏi hệ thống")
}

func noSuch(code, what string) *refusal {
	return business(code, "%s không tồn tại hoặc đã bị xóa", what)
}

func duplicate(code, what, value string) *refusal {
	return business(code, "%s %s đã tồn tại", what, value)
}

// body is the error envelope of §3.6.
func (e *refusal) body() object {
	if e.code == "" {
		return obj("message", e.message)
	}
	return obj("responseStatus", obj("errorCode", e.code, "message", e.message, "errors", []any{}))
}

// deleted is what a successful delete answers (§3.3).
func deleted() object { return obj("message", "Xóa dữ liệu thành công") }

// updated wraps what some writes answer (§3.3).
func updated(data object) object {
	return obj("message", "Cập nhật dữ liệu thành công", "data", data)
}
