package main

import "slices"

// This file finds the ink on a page: what is darker, or lighter, than the paper
// around it. The paper may be lit unevenly, lie on a table, or be a band of
// colour on other paper. Nothing in it is in the book.

// inkOfSize finds the ink of digits of about this height: of strokes thinner
// than six tenths of it. What is dark and wider is paper.
//
// A dark stroke is what a closing fills, the brightest of the neighbourhood and then
// the darkest of that (the black top-hat transform, Meyer 1979), a light stroke what
// an opening takes away. Which of the two is ink is decided place by place: most
// of the pixels are paper.
func (p *page) inkOfSize(size int) {
	p.size = size
	w, reach := p.width, max(2, size*3/10)
	paperOfDark := closing(p.smooth, w, reach)
	paperOfLight := inverted(closing(inverted(p.smooth), w, reach))
	side := max(3, size/4)
	median, tiles := localMedian(p.smooth, w, side)
	p.foreground, p.paper, p.light = make([]byte, len(p.smooth)), make([]byte, len(p.smooth)), make([]bool, len(p.smooth))
	for i, g := range p.smooth {
		if p.outside != nil && p.outside[i] {
			continue
		}
		most, least := paperOfDark[i], paperOfLight[i]
		if m := median[i/w/side*tiles+i%w/side]; 2*int(m) >= int(most)+int(least) {
			p.paper[i] = most
			p.foreground[i] = shareOf(most-g, most)
		} else {
			p.paper[i], p.light[i] = least, true
			p.foreground[i] = shareOf(g-least, 255-least)
		}
	}
	p.setFloor()
	p.eraseRules()
	p.setLevels()
}

// sharpen takes the foreground from the grey levels as they were before specks were
// removed, which takes the ends of strokes away that are a pixel thin.
func (p *page) sharpen() {
	for i, v := range p.foreground {
		if v == 0 {
			continue
		}
		if g, paper := p.grey[i], p.paper[i]; p.light[i] {
			p.foreground[i] = shareOf(max(g, paper)-paper, 255-paper)
		} else {
			p.foreground[i] = shareOf(paper-min(g, paper), paper)
		}
	}
}

// shareOf returns a difference of grey levels to those of the paper as a share of
// them, 255 for all: ink in a shadow is as much darker than its paper as ink in the
// light. On paper nearly black, where noise is all there is, the share is of more.
func shareOf(difference, paper byte) byte {
	const darkest = 96
	return byte(min(255, int(difference)*255/int(max(paper, darkest))))
}

// setFloor finds from how much foreground on a pixel is more than noise: three times
// the median around it, since most of the pixels are paper.
func (p *page) setFloor() {
	const weakest = 12 // of 255: what a picture's compression may leave on blank paper
	side := max(3, p.size/2)
	noise, tiles := localMedian(p.foreground, p.width, side)
	p.floor = make([]byte, len(p.foreground))
	for i := range p.floor {
		p.floor[i] = byte(min(max(weakest, 3*int(noise[i/p.width/side*tiles+i%p.width/side])), 255))
	}
}

// setLevels sets from how much foreground on a pixel counts as a stroke: a third of
// the strongest within the height of a digit, so that what is grey beside a stroke
// is not one, and the floor where there is none.
func (p *page) setLevels() {
	strongest := dilated(p.foreground, p.width, p.size)
	strokes := make([]byte, len(p.foreground))
	for i, v := range p.foreground {
		if v >= max(p.floor[i], byte(int(strongest[i])/3)) {
			strokes[i] = v
		}
	}
	p.stroke = dilated(strokes, p.width, max(2, p.size/3)) // pale ink may stand farther from dark ink
	for i, v := range p.stroke {
		p.stroke[i] = max(p.floor[i], byte(int(v)/3))
	}
}

// despeckled returns the grey levels without single and double pixels of noise: no
// pixel darker or lighter than all but one of its neighbours.
func (p *page) despeckled() []byte {
	w, h := p.width, p.height
	out := slices.Clone(p.grey)
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			g := p.grey[i]
			least, second, last, most := byte(255), byte(255), byte(0), byte(0)
			for _, k := range [8]int{i - w - 1, i - w, i - w + 1, i - 1, i + 1, i + w - 1, i + w, i + w + 1} {
				v := p.grey[k]
				if v < least {
					least, second = v, least
				} else if v < second {
					second = v
				}
				if v > most {
					last, most = most, v
				} else if v > last {
					last = v
				}
			}
			if second <= last {
				out[i] = min(max(g, second), last)
			}
		}
	}
	return out
}

// localMedian returns the median of the levels around each tile of side×side
// pixels, of seven by seven tiles, and the tiles in a row.
func localMedian(levels []byte, w, side int) (medians []byte, tiles int) {
	tiles = (w + side - 1) / side
	rows := (len(levels)/w + side - 1) / side
	const bins, reach = 64, 3
	counts := make([][bins]int32, tiles*rows)
	for y := range len(levels) / w {
		row := counts[y/side*tiles:]
		for x, g := range levels[y*w : (y+1)*w] {
			row[x/side][g/4]++
		}
	}
	medians = make([]byte, tiles*rows)
	for t := range medians {
		var histogram [bins]int
		for y := max(t/tiles-reach, 0); y <= min(t/tiles+reach, rows-1); y++ {
			for x := max(t%tiles-reach, 0); x <= min(t%tiles+reach, tiles-1); x++ {
				for k, n := range counts[y*tiles+x] {
					histogram[k] += int(n)
				}
			}
		}
		medians[t] = byte(4*percentile(histogram[:], 50) + 2)
	}
	return medians, tiles
}

// closing returns the darkest of the brightest within reach of each pixel: the
// picture without what is dark and narrower than 2·reach+1.
func closing(grey []byte, w, reach int) []byte {
	return inverted(dilated(inverted(dilated(grey, w, reach)), w, reach))
}

// inverted returns 255 minus each grey level.
func inverted(grey []byte) []byte {
	out := make([]byte, len(grey))
	for i, g := range grey {
		out[i] = 255 - g
	}
	return out
}

// dilated returns the brightest in the square of 2·reach+1 pixels around each
// pixel of an image with rows of w.
func dilated(grey []byte, w, reach int) []byte {
	return runningMax(runningMax(grey, w, reach), len(grey)/w, reach)
}

// runningMax returns the largest of the 2·reach+1 neighbours of each pixel in
// its row, with rows and columns changed: from the largest of the pixels since
// a block of so many began, and of those until it ends (van Herk 1992).
func runningMax(grey []byte, w, reach int) []byte {
	h, n := len(grey)/w, 2*reach+1
	out := make([]byte, len(grey))
	row := make([]byte, (w+2*reach+n-1)/n*n)
	begun, ending := make([]byte, len(row)), make([]byte, len(row))
	for y := range h {
		copy(row[reach:], grey[y*w:(y+1)*w])
		for b := 0; b < len(row); b += n {
			begun[b], ending[b+n-1] = row[b], row[b+n-1]
			for i := b + 1; i < b+n; i++ {
				begun[i] = max(begun[i-1], row[i])
				k := 2*b + n - 1 - i
				ending[k] = max(ending[k+1], row[k])
			}
		}
		for x := range w {
			out[x*h+y] = max(ending[x], begun[x+2*reach])
		}
	}
	return out
}
