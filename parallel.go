package main

import (
	"runtime"
	"sync/atomic"
)

// This file is the worker pool, which spreads the rows of a product over the
// cores. Workers spin while they wait for a job, since a mini-batch of §1.6 takes
// some twenty microseconds, and exit when idle. Each takes groups of rows from the
// front of its own span, the same in every mini-batch, so that the weights of a
// neuron stay in one core's cache, then from the back of the others'.
//
// Memory model: job and rows are plain variables. parallelRows writes them
// before it stores the spans of a new job number; a worker reads them after a
// compare-and-swap on such a span, and counts its groups off pending after its
// last access. parallelRows waits for pending = 0, so all of that happens before
// it returns, and before the next job. A worker that comes late finds another
// job number in the span: its compare-and-swap fails, and it reads nothing.

// A span holds the groups of a worker that nobody has taken yet, in one word:
// job number<<32 | end<<16 | next.
type span struct {
	atomic.Uint64
	_ cacheLine
}

// A cacheLine keeps apart what different cores write.
type cacheLine [64]byte

const (
	maxWorkers = 32   // the book's networks have no work for more
	minWork    = 8192 // multiply-adds below which a product is done sooner alone
)

var pool struct {
	busy    atomic.Bool // held by the goroutine whose job it is
	job     poolJob
	rows    int
	workers atomic.Int32 // of the job
	_       cacheLine
	number  atomic.Uint32 // of the job
	_       cacheLine
	pending atomic.Int32 // groups not yet done
	_       cacheLine
	spans   [maxWorkers]span
	buffers [maxWorkers]buffer
	running [maxWorkers]atomic.Bool // workers that spin or work; 0 is the caller
}

// parallelRows does the n rows of a job, work multiply-adds each, and returns
// when all are done. If a kernel panics, the pool stays busy and whoever recovers
// computes alone.
func parallelRows(t poolJob, n, work int) {
	if !pool.busy.CompareAndSwap(false, true) { // another product is under way
		t.kernel(t, new(buffer), 0, n)
		return
	}
	groups, workers := (n+t.grain-1)/t.grain, 1
	if groups > 1 && groups <= 0xffff && n*work >= minWork {
		workers = min(runtime.GOMAXPROCS(0), runtime.NumCPU(), maxWorkers, groups)
	}
	if workers < 2 {
		t.kernel(t, &pool.buffers[0], 0, n)
		pool.busy.Store(false)
		return
	}
	pool.job, pool.rows = t, n
	pool.workers.Store(int32(workers))
	pool.pending.Store(int32(groups))
	number := pool.number.Load() + 1
	for w := range workers {
		next, end := groups*w/workers, groups*(w+1)/workers
		pool.spans[w].Store(uint64(number)<<32 | uint64(end)<<16 | uint64(next))
	}
	pool.number.Store(number)
	for w := 1; w < workers; w++ {
		if pool.running[w].CompareAndSwap(false, true) {
			go startWorker(w)
		}
	}
	runSpans(0)
	for spins := 0; pool.pending.Load() > 0; spins++ {
		if spins > 1000 {
			runtime.Gosched()
		}
	}
	pool.busy.Store(false)
}

// startWorker is the goroutine of worker w.
func startWorker(w int) {
	const long = 21000 // spins, about a fifth of a millisecond
	for number, spins := pool.number.Load()-1, 0; spins < long; spins++ {
		if now := pool.number.Load(); now != number {
			number, spins = now, 0
			runSpans(w)
		}
		if spins > long-1000 {
			runtime.Gosched()
		}
	}
	pool.running[w].Store(false)
}

// runSpans does groups of rows as worker w until none is left.
func runSpans(w int) {
	workers, done := int(pool.workers.Load()), int32(0)
	for i := 0; i < workers; {
		s := &pool.spans[(w+i)%workers]
		old := s.Load()
		next, end := old&0xffff, old>>16&0xffff
		if next >= end {
			i++
			continue
		}
		group, rest := next, old+1 // the first of its own
		if i > 0 {
			group, rest = end-1, old-1<<16 // the last of another's
		}
		if s.CompareAndSwap(old, rest) {
			lo := int(group) * pool.job.grain
			pool.job.kernel(pool.job, &pool.buffers[w], lo, min(lo+pool.job.grain, pool.rows))
			done++
		}
	}
	if done > 0 {
		pool.pending.Add(-done)
	}
}
