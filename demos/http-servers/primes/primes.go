// Package primes is a fixed amount of work for a processor.
package primes

// Below counts the primes below bound by dividing.
func Below(bound int64) (found int64) {
	for n := int64(2); n < bound; n++ {
		prime := true
		for d := int64(2); d*d <= n; d++ {
			if n%d == 0 {
				prime = false
				break
			}
		}
		if prime {
			found++
		}
	}
	return found
}
