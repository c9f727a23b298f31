package hub_test
import ("testing";"time";"github.com/dongbo/dongbo/internal/retail")
func TestZZ(t *testing.T){ eachConnected(t, func(t *testing.T, h *house){
 h.sell("1", 2, retail.Pending)
 h.pass(2*time.Minute)
 t.Logf("%+v\n%v\n%v\n%+v", h.market.orders, h.problems(), h.errors, h.market.listed)
 h.sell("1", 2, retail.Shipped)
 h.pass(2*time.Minute)
 t.Logf("%+v\n%v\n%v\n%+v", h.market.invoices, h.problems(), h.errors, h.market.listed)
})}
