package main

import (
	"image"
	"image/png"
	"io"
)

// stubbed stands in for the pictures of digits (Figures 1, 9, 11, 12).
func stubbed(w io.Writer) error {
	return png.Encode(w, image.NewGray(image.Rect(0, 0, 1, 1)))
}

// figure1 stands in for Figure 1.
func figure1(w io.Writer, _ *Data) error { return stubbed(w) }

// figure9 stands in for Figure 9.
func figure9(w io.Writer, _ *Data) error { return stubbed(w) }

// figure11 stands in for Figure 11.
func figure11(w io.Writer, _ *Data) error { return stubbed(w) }

// figure12 stands in for Figure 12.
func figure12(w io.Writer, _ *Data) error { return stubbed(w) }
