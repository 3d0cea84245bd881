module example.org/demos/map-write

go 1.21
