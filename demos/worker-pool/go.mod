module example.org/demos/worker-pool

go 1.21
