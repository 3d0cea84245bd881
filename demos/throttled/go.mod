module example.org/demos/throttled

go 1.21
