package main

import (
	"sync"
	"time"
)

// A mutex is what semacquire waits for up to Go 1.19.
var mutexStates = []string{"sync.Mutex.Lock", "semacquire"}

func init() {
	modes["parks"] = parks
	modes["sleeps"] = sleeps
	modes["pingpong"] = pingpong
	modes["buffered"] = buffered
	modes["locks"] = locks
}

// A known number of goroutines waits once for each of several reasons.
func parks() {
	const receivers, senders, selectors, waiters = 60, 50, 40, 20
	received, sent, a, b := make(chan int), make(chan int), make(chan int), make(chan int)
	var lock sync.Mutex
	var all sync.WaitGroup
	cond := sync.NewCond(&lock)
	all.Add(receivers + senders + selectors + waiters)
	start := func(n int, wait func()) {
		for i := 0; i < n; i++ {
			go func() {
				wait()
				all.Done()
			}()
		}
	}
	start(receivers, func() { <-received })
	start(senders, func() { sent <- 1 })
	start(selectors, func() {
		select {
		case <-a:
		case <-b:
		}
	})
	start(waiters, func() {
		lock.Lock()
		cond.Wait()
		lock.Unlock()
	})
	await(receivers, "chan receive")
	await(senders, "chan send")
	await(selectors, "select")
	await(waiters, "sync.Cond.Wait")
	close(received)
	close(a)
	for i := 0; i < senders; i++ {
		<-sent
	}
	cond.Broadcast()
	all.Wait()
	alone()
	say("receive", receivers)
	say("send", senders)
	say("select", selectors)
	say("cond", waiters)
}

func sleeps() {
	const times, length = 25, 4 * time.Millisecond
	for i := 0; i < times; i++ {
		time.Sleep(length)
	}
	say("sleeps", times)
	say("least_ns", int(length))
}

// For each value on an unbuffered channel exactly one side has to wait for the other, whoever comes first. By select, which
// the runtime's own start does not use.
func pingpong() {
	const rounds = 1000
	to, fro, never := make(chan int), make(chan int), make(chan int)
	send := func(channel chan int, value int) {
		select {
		case channel <- value:
		case <-never:
		}
	}
	receive := func(channel chan int) int {
		select {
		case value := <-channel:
			return value
		case <-never:
			return -1
		}
	}
	go func() {
		for i := 0; i < rounds; i++ {
			send(fro, receive(to))
		}
	}()
	for i := 0; i < rounds; i++ {
		send(to, i)
		receive(fro)
	}
	alone()
	say("parks", 2*rounds)
}

// A channel that is never full and never empty.
func buffered() {
	c := make(chan int, 2)
	c <- 0
	for i := 0; i < 5000; i++ {
		c <- i
		<-c
	}
	say("send", 0)
}

// Goroutines that wait for one mutex.
func locks() {
	const waiters = 30
	var lock sync.Mutex
	lock.Lock()
	for i := 0; i < waiters; i++ {
		go func() {
			lock.Lock()
			lock.Unlock()
		}()
	}
	await(waiters, mutexStates...)
	lock.Unlock()
	alone()
	say("waits", waiters)
}
