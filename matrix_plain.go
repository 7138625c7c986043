//go:build !goexperiment.simd || !amd64

package main

// This file stands in for matrix_simd.go in builds without vectors.

// vectors is false: all is left to the plain kernels.
const vectors = false

// mulTPanels is never called without vectors.
func mulTPanels(_ poolJob, _ *buffer, _, _ int) {}

// mulPanels is never called without vectors (BP2).
func mulPanels(_ poolJob, _ *buffer, _, _ int) {}

// tMulDensePanels is never called without vectors (BP4).
func tMulDensePanels(_ poolJob, _ *buffer, _, _ int) {}

// tMulSparsePanels is never called without vectors (BP4).
func tMulSparsePanels(_ poolJob, _ *buffer, _, _ int) {}

// axpyVector leaves all columns to the plain leaf (BP2, BP4).
func axpyVector(_ []float64, _ float64, _ []float64) int { return 0 }

// convolveVector leaves all numbers to the plain leaf (§3.6).
func convolveVector(_, _ []float64, _ int, _ []float64) int { return 0 }

// refillVector leaves all words to the plain loop (§3.6).
func refillVector(_ *[624]uint32) bool { return false }

// uniformVector leaves all numbers to the plain leaf (§3.6).
func uniformVector(_ []float64, _ []uint32) int { return 0 }

// scaleSubVector leaves all weights to the plain leaf.
func scaleSubVector(_ []float64, _, _ float64, _ []float64) int { return 0 }
