module systole

go 1.26
