module serve

go 1.21
