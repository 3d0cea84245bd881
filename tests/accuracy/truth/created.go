//go:build go1.26

package main

import "runtime/metrics"

// From Go 1.26 on the runtime says itself how many goroutines it has ever made, its own included.
func sayCreated() {
	sample := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() == metrics.KindUint64 {
		say("ever", int(sample[0].Value.Uint64()))
	}
}
