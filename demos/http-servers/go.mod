module example.org/demos/http-servers

go 1.21
