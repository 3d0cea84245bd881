module example.org/demos/goroutine-leak

go 1.21
