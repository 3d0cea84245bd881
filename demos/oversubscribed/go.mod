module example.org/demos/oversubscribed

go 1.21
