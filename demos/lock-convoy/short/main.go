// Shows the fixed twin: the entry is looked up first, and the lock is held for the addition alone.
package main

import "example.org/demos/lock-convoy/ledger"

func main() {
	ledger.Main("short", func(l *ledger.Ledger, entry int64) {
		amount := ledger.Lookup(entry)
		l.Lock()
		defer l.Unlock()
		l.Add(amount)
	})
}
