module example.org/demos/sync-pool

go 1.21
