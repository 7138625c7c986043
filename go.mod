module nndl

go 1.24
