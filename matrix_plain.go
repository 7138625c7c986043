//go:build !goexperiment.simd || !amd64

package main

// addRows2x4Vector leaves all columns to the plain leaf: the build without
// vectors (BP2, BP4; matrix_simd.go is the other).
func addRows2x4Vector(_, _ []float64, _, _ *[4]float64, _, _, _, _ []float64) int { return 0 }

// descendWeightsVector leaves all weights to the plain leaf (Eq. 46).
func descendWeightsVector(_, _ []float64, _, _ float64) int { return 0 }
