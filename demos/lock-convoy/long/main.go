// Shows a convoy: the lock is held while an entry is looked up, so that all others stand in line for that long.
package main

import "example.org/demos/lock-convoy/ledger"

func main() {
	ledger.Main("long", func(l *ledger.Ledger, entry int64) {
		l.Lock()
		defer l.Unlock()
		l.Add(ledger.Lookup(entry))
	})
}
