package scheduler

// mergeSort sorts like GLib's list sort: stable, split at n/2 rounded down,
// taking from the left while compare <= 0. It matters where a comparison is not
// transitive (04 §3.5, 05 §10.3).
func mergeSort[T any](list []T, compare func(a, b T) int) {
	if len(list) < 2 {
		return
	}
	mergeSortInto(list, make([]T, len(list)), compare)
}

func mergeSortInto[T any](list, buf []T, compare func(a, b T) int) {
	if len(list) < 2 {
		return
	}
	mid := len(list) / 2
	mergeSortInto(list[:mid], buf[:mid], compare)
	mergeSortInto(list[mid:], buf[mid:], compare)
	copy(buf, list)
	i, j := 0, mid
	for k := range list {
		if j >= len(list) || (i < mid && compare(buf[i], buf[j]) <= 0) {
			list[k] = buf[i]
			i++
		} else {
			list[k] = buf[j]
			j++
		}
	}
}
