//go:build go1.23

package main

import "iter"

func init() {
	next, stop := iter.Pull(func(yield func(int) bool) { yield(1) })
	next()
	stop()
}
