module example.org/demos/http-json

go 1.21
