//go:build !goexperiment.simd || !amd64

package main

// This file stands in for matrix_simd.go in builds without vectors (§2.1).

// vectors is false: all is left to the plain kernels (§2.1).
const vectors = false

// mulTPanels is never called without vectors (Eq. 19).
func mulTPanels(_ job, _ *buffer, _, _ int) {}

// tMulPanels is never called without vectors (BP4).
func tMulPanels(_ job, _ *buffer, _, _ int) {}

// addRows2x4Vector leaves all columns to the plain leaf (BP2, BP4).
func addRows2x4Vector(_, _ []float64, _, _ *[4]float64, _, _, _, _ []float64) int { return 0 }

// descendWeightsVector leaves all weights to the plain leaf (Eq. 46).
func descendWeightsVector(_, _ []float64, _, _ float64) int { return 0 }
