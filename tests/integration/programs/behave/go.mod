module behave

go 1.21
