package main

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// This file cuts digits that touch, in the way that §1.4 proposes: try many ways
// to segment the image, and let the network say with which of them it is
// confident of every piece. The cuts come from here, the confidence from who
// holds the network.

// A cutPath is a way from the top of a component to its bottom: in each row, the
// first column to the right of it.
type cutPath struct {
	columns []int
	cost    float64 // ink that it crosses, in widths of a stroke
}

// maxCuts is how many cuts of a component are tried; with them there are
// (maxCuts+1)(maxCuts+2)/2 pieces to read.
const maxCuts = 9

// between returns the part of a component from a cut to another, nil for its ends.
func (d *component) between(left, right *cutPath) *component {
	out := &component{}
	for _, r := range d.runs {
		from, to := int(r.x0), int(r.x1)
		if left != nil {
			from = max(from, left.columns[int(r.y)-d.box.Min.Y])
		}
		if right != nil {
			to = min(to, right.columns[int(r.y)-d.box.Min.Y])
		}
		if to > from {
			out.box = out.box.Union(image.Rect(from, int(r.y), to, int(r.y)+1))
			out.area += to - from
			out.runs = append(out.runs, pixelRun{y: r.y, x0: int32(from), x1: int32(to), light: r.light})
		}
	}
	return out
}

// strokeWidth returns the median length of the runs of a component.
func (d *component) strokeWidth() float64 {
	lengths := make([]int, d.box.Dx()+1)
	for _, r := range d.runs {
		lengths[r.x1-r.x0]++
	}
	return float64(percentile(lengths, 50))
}

// cuts returns the cuts through a component that cross the least ink, with about an
// eighth of its height or more between them, from left to right; none where it
// is no wider than a digit.
func (p *page) cuts(d *component) (paths []cutPath) {
	if d.box.Dx()*5 < 4*min(d.box.Dy(), p.size) || d.box.Dx() > 8*d.box.Dy() || d.box.Dx()*d.box.Dy() > maxPage/2 {
		return nil
	}
	step := max(2, d.box.Dy()/8)
	var all []cutPath
	for x := d.box.Min.X + step; x < d.box.Max.X-step/2; x += max(1, step/2) {
		all = append(all, p.cheapestPath(d, x, step), p.cheapestPath(d, x, 3*step))
	}
	slices.SortStableFunc(all, func(a, b cutPath) int { return cmp.Compare(a.cost, b.cost) })
	middle := func(c cutPath) int { return c.columns[len(c.columns)/2] }
	for _, c := range all {
		near := slices.ContainsFunc(paths, func(o cutPath) bool {
			distance := 0
			for y, x := range c.columns {
				distance += max(x-o.columns[y], o.columns[y]-x)
			}
			return distance < step*len(c.columns)*3/4
		})
		if !near && c.cost < float64(d.box.Dy())*0.6 && len(paths) < maxCuts {
			paths = append(paths, c)
		}
	}
	slices.SortStableFunc(paths, func(a, b cutPath) int { return cmp.Compare(middle(a), middle(b)) })
	for k := range paths {
		paths[k].cost /= d.strokeWidth()
	}
	return paths
}

// cheapestPath returns the way down a component around column x, at most reach
// columns beside it and at most one a row, that crosses the least ink, by dynamic
// programming. To go sideways costs a little, too.
func (p *page) cheapestPath(d *component, x, reach int) cutPath {
	h, n := d.box.Dy(), 2*reach+1
	costs := make([]float64, h*n)
	for y := range h {
		for k := range n {
			column := x - reach + k
			ink := 0.0
			if column >= d.box.Min.X && column < d.box.Max.X {
				at := (d.box.Min.Y+y)*p.width + column
				ink = min(1, float64(p.foreground[at])/(2*float64(p.stroke[at])))
			}
			costs[y*n+k] = ink + float64(0.01*math.Abs(float64(k-reach)))/float64(reach)
			if y > 0 {
				above := costs[(y-1)*n+k]
				for _, s := range [2]int{k - 1, k + 1} {
					if s >= 0 && s < n {
						above = min(above, costs[(y-1)*n+s]+0.05)
					}
				}
				costs[y*n+k] += above
			}
		}
	}
	path := cutPath{columns: make([]int, h)}
	k := 0
	for i, c := range costs[(h-1)*n:] {
		if c < costs[(h-1)*n+k] {
			k = i
		}
	}
	path.cost = costs[(h-1)*n+k]
	for y := h - 1; ; y-- {
		path.columns[y] = x - reach + k
		if y == 0 {
			return path
		}
		next := k
		for _, s := range [2]int{k - 1, k + 1} {
			if s >= 0 && s < n && costs[(y-1)*n+s]+0.05 < costs[(y-1)*n+next] {
				next = s
			}
		}
		k = next
	}
}
