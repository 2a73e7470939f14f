package svg

import (
	"cmp"
	"slices"
)

const (
	orderSweeps = 12
	placeSweeps = 12
)

// widths makes each lane as wide as its widest row.
func (l *layout) widths() {
	left := 0
	for i := range l.lanes {
		lane := &l.lanes[i]
		lane.width = boxMin + 2*boxMargin
		for _, row := range l.grid {
			sum := 0
			for _, id := range row[i] {
				sum += l.items[id].width
			}
			lane.width = max(lane.width, sum)
		}
		lane.width += 2 * lanePad
		lane.left = left
		left += lane.width
	}
}

// order sorts what stands in one row of a lane so that edges cross little: each
// item goes where its neighbours of the row above are, then of the row below,
// and so on.
func (l *layout) order() {
	for _, row := range l.grid {
		for i := range row {
			l.pack(i, row[i])
		}
	}
	for sweep := range orderSweeps {
		down := sweep%2 == 0
		for r := range l.grid {
			if !down {
				r = len(l.grid) - 1 - r
			}
			for i, ids := range l.grid[r] {
				for _, id := range ids {
					it := &l.items[id]
					it.x = l.mean(it, down, !down)
				}
				slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(l.items[a].x, l.items[b].x) })
				l.pack(i, ids)
			}
		}
	}
}

// pack puts items side by side into the middle of a lane.
func (l *layout) pack(lane int, ids []int) {
	sum := 0
	for _, id := range ids {
		sum += l.items[id].width
	}
	x := l.lanes[lane].left + (l.lanes[lane].width-sum)/2
	for _, id := range ids {
		it := &l.items[id]
		it.x = x + it.width/2
		x += it.width
	}
}

// mean is where the neighbours are; without any, where the item is.
func (l *layout) mean(it *item, up, down bool) int {
	sum, count := 0, 0
	if up {
		for _, id := range it.up {
			sum += l.items[id].x
		}
		count += len(it.up)
	}
	if down {
		for _, id := range it.down {
			sum += l.items[id].x
		}
		count += len(it.down)
	}
	if count == 0 {
		return it.x
	}
	return sum / count
}

// place moves items towards their neighbours, keeping the order and the room
// that each needs. In the last sweeps the bends of a bundle agree on one place,
// so that long edges are straight.
func (l *layout) place() {
	for sweep := range placeSweeps {
		last := sweep >= placeSweeps-6
		var agreed []int
		if last {
			agreed = l.bendMeans()
		}
		down := sweep%2 == 0
		for r := range l.grid {
			if !down {
				r = len(l.grid) - 1 - r
			}
			for i, ids := range l.grid[r] {
				l.settle(&l.lanes[i], ids, func(it *item) int {
					if last && it.vertex < 0 {
						return agreed[it.bundle]
					}
					return l.mean(it, down || last, !down || last)
				})
			}
		}
	}
}

// bendMeans is the mean place of the bends of each bundle.
func (l *layout) bendMeans() []int {
	means, counts := make([]int, len(l.bundles)), make([]int, len(l.bundles))
	for i := range l.items {
		if it := &l.items[i]; it.vertex < 0 {
			means[it.bundle] += it.x
			counts[it.bundle]++
		}
	}
	for b, count := range counts {
		means[b] /= max(1, count)
	}
	return means
}

// A block is items that touch and so move together.
type block struct {
	sum, weight int
	count       int
}

func (b block) at() int { return b.sum / b.weight }

// settle gives the items of one row of a lane the positions that are closest to
// where they want to be. With the room that they need taken out, positions only
// have to ascend: neighbours that want to pass each other become one block that
// goes where it is best for all.
func (l *layout) settle(lane *lane, ids []int, wanted func(*item) int) {
	var blocks []block
	offset := 0 // room taken by the items to the left
	for _, id := range ids {
		it := &l.items[id]
		weight := 1
		if it.vertex < 0 {
			weight = 3 // long edges shall be straight
		}
		want := wanted(it) - offset - it.width/2
		offset += it.width
		b := block{want * weight, weight, 1}
		for len(blocks) > 0 && blocks[len(blocks)-1].at() >= b.at() {
			last := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			b = block{last.sum + b.sum, last.weight + b.weight, last.count + b.count}
		}
		blocks = append(blocks, b)
	}
	lowest := lane.left + lanePad
	highest := max(lowest, lane.left+lane.width-lanePad-offset)
	offset, next := 0, 0
	for _, b := range blocks {
		at := min(max(b.at(), lowest), highest)
		for range b.count {
			it := &l.items[ids[next]]
			it.x = at + offset + it.width/2
			offset += it.width
			next++
		}
	}
}
