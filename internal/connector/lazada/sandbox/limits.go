package sandbox

import (
	"fmt"
	"time"
)

// bucket is a token bucket that holds one second's worth of calls.
type bucket struct {
	left float64
	at   time.Time
}

// dayCount counts the app's calls of one day in site time.
type dayCount struct {
	day string
	n   int64
}

// limit applies §17.1 "limits": per API and seller, inventory writes per
// seller, per API and app, per app and day.
func (s *Server) limit(path string, end endpoint, v *seller) (reply, bool) {
	if s.closed[path] {
		return apiCallLimit(), true
	}
	switch {
	case end.inventory && !s.take(fmt.Sprintf("inventory %d", v.id), s.number("qps_inventory")):
		return sellerCallLimit(), true
	case end.slow && !s.take(fmt.Sprintf("%s %d", path, v.id), 1):
		return sellerCallLimit(), true
	case v != nil && !end.inventory && !end.slow && !s.take(fmt.Sprintf("%s %d", path, v.id), s.number("qps_default")):
		return sellerCallLimit(), true
	case !s.take(path, s.number("qps_api")):
		return apiCallLimit(), true
	case !s.takeOfDay():
		return appCallLimit(), true
	}
	return reply{}, false
}

func (s *Server) take(key string, perSecond int64) bool {
	if perSecond <= 0 {
		return true
	}
	now := s.world.Now()
	b := s.buckets[key]
	if b == nil {
		b = &bucket{left: float64(perSecond), at: now}
		s.buckets[key] = b
	}
	b.left = min(float64(perSecond), b.left+now.Sub(b.at).Seconds()*float64(perSecond))
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// testQuota is what an app in test state may call a day (§2.1).
const testQuota = 10_000

func (s *Server) takeOfDay() bool {
	allowed := s.number("app_daily")
	if s.app.state == "test" {
		allowed = min(allowed, testQuota)
	}
	if day := s.world.Now().In(hanoi).Format(time.DateOnly); s.today.day != day {
		s.today = dayCount{day: day}
	}
	s.today.n++
	return s.today.n <= allowed
}

func apiCallLimit() reply {
	return refused(isv, "ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 1 seconds")
}

func sellerCallLimit() reply {
	return refused(isv, "SellerCallLimit", "Seller call limit exceeded: the request frequency of this seller is too high")
}

func appCallLimit() reply {
	return refused(isv, "AppCallLimit", "App call limit exceeded: the request frequency or the daily quota of the app is used up")
}
