package main

import "math"

// This file holds the random numbers of network.py: weights as numpy.random
// draws them, shuffles as Python 2's random module makes them (§1.6). With the
// same seed a run here starts from the same weights and meets the training
// examples in the same order as one in Python does.

// MersenneTwister is the generator MT19937 of Matsumoto and Nishimura (1998),
// which both Python and NumPy use. It holds all its state, so that a run can
// be saved and resumed (network2.py: save goes less far).
type MersenneTwister struct {
	State [624]uint32
	Index int // next word of State; 624 means that all are used up

	// The polar method makes two Gaussians at a time; the second waits here.
	Spare    float64
	HasSpare bool
}

// NewNumPyRandom returns the generator as numpy.random.seed(seed) leaves it:
// MT19937's init_genrand. Weights come from it (network.py: Network.__init__).
func NewNumPyRandom(seed uint32) *MersenneTwister {
	r := &MersenneTwister{Index: 624}
	r.State[0] = seed
	for i := 1; i < 624; i++ {
		r.State[i] = 1812433253*(r.State[i-1]^r.State[i-1]>>30) + uint32(i)
	}
	return r
}

// NewPythonRandom returns the generator as random.seed(seed) leaves it:
// MT19937's init_by_array with the one-word key seed. Shuffles come from it
// (network.py: SGD).
func NewPythonRandom(seed uint32) *MersenneTwister {
	r := NewNumPyRandom(19650218)
	s := &r.State
	i := 1
	for range 624 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + seed
		if i++; i == 624 {
			s[0], i = s[623], 1
		}
	}
	for range 623 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		if i++; i == 624 {
			s[0], i = s[623], 1
		}
	}
	s[0] = 1 << 31
	return r
}

// Uint32 returns the next 32 random bits: MT19937's genrand_int32, the source
// of everything that network.py draws.
func (r *MersenneTwister) Uint32() uint32 {
	if r.Index >= 624 {
		r.refill()
	}
	y := r.State[r.Index]
	r.Index++
	return temper(y)
}

// temper returns the random word that a word of the state stands for (MT19937's
// genrand_int32).
func temper(y uint32) uint32 {
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// refill makes the next 624 words of the state (MT19937's recurrence; no
// counterpart in network.py, which calls the library).
func (r *MersenneTwister) refill() {
	s := &r.State
	for i := range 624 - 397 {
		s[i] = s[i+397] ^ twist(s[i], s[i+1])
	}
	for i := 624 - 397; i < 623; i++ {
		s[i] = s[i+397-624] ^ twist(s[i], s[i+1])
	}
	s[623] = s[396] ^ twist(s[623], s[0])
	r.Index = 0
}

// twist returns the part of MT19937's recurrence that mixes two words.
func twist(u, v uint32) uint32 {
	y := u&0x80000000 | v&0x7fffffff
	return y>>1 ^ (y&1)*0x9908b0df
}

// Float64 returns a number in [0, 1) with 53 random bits, as random.random()
// and numpy.random.random_sample() do (network.py: SGD, through shuffle).
func (r *MersenneTwister) Float64() float64 {
	a, b := r.Uint32()>>5, r.Uint32()>>6
	return (float64(a)*(1<<26) + float64(b)) / (1 << 53) // all exact: no rounding to fuse away
}

// Gaussian returns a number from the normal distribution with mean 0 and
// standard deviation 1, as numpy.random.randn does: Marsaglia's polar method,
// the second of the pair first (network.py: Network.__init__).
func (r *MersenneTwister) Gaussian() float64 {
	if r.HasSpare {
		r.HasSpare = false
		return r.Spare
	}
	for {
		x1 := 2*r.Float64() - 1
		x2 := 2*r.Float64() - 1
		r2 := float64(x1*x1) + float64(x2*x2)
		if r2 < 1 && r2 != 0 {
			f := math.Sqrt(-2 * log(r2) / r2)
			r.Spare, r.HasSpare = f*x1, true
			return f * x2
		}
	}
}

// Shuffle puts order into random order as Python 2's random.shuffle does,
// from the back: SGD's first line in each epoch (network.py: SGD). Python 3
// draws j in another way and would give other curves.
func (r *MersenneTwister) Shuffle(order []int32) {
	for i := len(order) - 1; i > 0; i-- {
		j := int(r.Float64() * float64(i+1))
		order[i], order[j] = order[j], order[i]
	}
}

// bookSeed is the seed of the runs that the book published (overfitting.py,
// multiple_eta.py, weight_initialization.py).
const bookSeed = 12345678
