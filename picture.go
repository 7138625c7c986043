package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // a format of classify
	_ "image/jpeg" // a format of classify
	_ "image/png"  // a format of classify
	"io"
	"math"
	"strings"
	"time"
)

// This file reads a picture, as cameras, scanners and drawing programs write
// them, as a page of grey levels that segment.go takes apart. Nothing in it is
// in the book.

// Limits on the pictures that are read, so that a file may be hostile and still
// costs less than 10 s and 512 MB.
const (
	maxBytes  = 64 << 20        // of the file
	maxRoom   = 400 << 20       // bytes for decoding
	maxPixels = 52_000_000      // A4 at 600 dpi has 35 million, a phone's picture up to 50
	maxTime   = 8 * time.Second // for decoding
	maxPage   = 1 << 22         // pixels of the page, to which larger pictures are reduced
	minSide   = 8               // pixels of the picture

	// maxRatio is how many pixels a byte of the file can hold: in PNG, whose
	// deflate makes at most 1032 bytes of it, 8 black or white ones each. JPEG
	// and GIF pack less.
	maxRatio = 8 * 1032
)

// A page is a picture on its way from grey levels to digits (§1.4, Figure 9).
type page struct {
	width, height int
	reduced       int    // a pixel here is the mean of reduced×reduced of the picture
	grey          []byte // as decoded: 0 black to 255 white; row by row

	smooth     []byte // grey without specks
	foreground []byte // how far a pixel stands out from the paper, 0 for paper
	light      []bool // it is lighter than the paper
	paper      []byte // grey level of the paper
	floor      []byte // foreground from which each pixel is more than noise
	stroke     []byte // foreground from which each pixel is part of a stroke
	size       int    // typical height of a digit
	rules      int    // lines that were taken away

	slope     float64  // of the text in the picture, where this page was turned by it
	unturned  *page    // the page as it was
	outside   []bool   // pixels that it did not have
	leftovers []string // what was left out, in words
}

// readPage reads a picture.
func readPage(r io.Reader) (*page, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	return decode(data)
}

// decode returns the picture in data as a page of grey levels. It looks at the
// size before it makes room for the pixels.
func decode(data []byte) (*page, error) {
	if len(data) == 0 {
		return nil, errors.New("the file is empty, expected a PNG, JPEG or GIF picture")
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("more than %d MB, expected a smaller picture", maxBytes>>20)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return nil, otherFormat(data)
	}
	if err != nil {
		return nil, unexpectedEOF(err)
	}
	w, h := config.Width, config.Height
	pixels := int64(w) * int64(h)
	if most := min(maxPixels, maxRoom/bytesPerPixel(config.ColorModel, data)); w < minSide || h < minSide || pixels > most {
		return nil, fmt.Errorf("%d×%d pixels, expected at least %d×%d and at most %d million", w, h, minSide, minSide, most/1000000)
	}
	if pixels > maxRatio*int64(len(data)) {
		return nil, fmt.Errorf("%d×%d pixels announced, more than %d bytes can hold: %w", w, h, len(data), io.ErrUnexpectedEOF)
	}
	img, _, err := image.Decode(&deadlineReader{bytes.NewReader(data), time.Now().Add(maxTime)})
	if err != nil {
		return nil, fmt.Errorf("%s of %d×%d pixels announced, the file is cut off or damaged: %w", strings.ToUpper(format), w, h, unexpectedEOF(err))
	}
	if b := img.Bounds(); b.Dx() < minSide || b.Dy() < minSide { // the first image of a GIF may be smaller than the GIF
		return nil, fmt.Errorf("%d×%d pixels, expected at least %d×%d", b.Dx(), b.Dy(), minSide, minSide)
	}
	return newPage(img).turnUpright(orientation(data)), nil
}

// unexpectedEOF returns err, with the end of the file inside a picture for what
// it is.
func unexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// otherFormats are pictures that the standard library does not decode: at which
// byte of the file what stands, the format, and how to come by another.
var otherFormats = []struct {
	at                 int
	begins, name, what string
}{
	{4, "ftyp", "HEIC or AVIF", "save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible, or send it by mail)"},
	{8, "WEBP", "WebP", "save it as PNG or JPEG"},
	{0, "BM", "BMP", "save it as PNG"},
	{0, "II*\x00", "TIFF", "save it as PNG"},
	{0, "MM\x00*", "TIFF", "save it as PNG"},
	{0, "%PDF", "PDF", "save its page as PNG"},
	{0, "\xff\x0a", "JPEG XL", "save it as PNG or JPEG"},
	{0, "<svg", "SVG", "save it as PNG"},
	{0, "<?xml", "XML or SVG", "save it as PNG"},
}

// otherFormat is the error for what is no PNG, JPEG or GIF picture.
func otherFormat(data []byte) error {
	for _, f := range otherFormats {
		if len(data) >= f.at && bytes.HasPrefix(data[f.at:], []byte(f.begins)) {
			return fmt.Errorf("found a %s picture, expected PNG, JPEG or GIF: %s", f.name, f.what)
		}
	}
	return fmt.Errorf("expected a PNG, JPEG or GIF picture, found a file that begins with %q", data[:min(8, len(data))])
}

// bytesPerPixel returns the bytes that a pixel takes while it is decoded: in a
// JPEG of many passes its coefficients, too, of 4 bytes each, and in an
// interlaced PNG the pass beside the picture.
func bytesPerPixel(model color.Model, data []byte) int64 {
	size, components := int64(4), int64(3)
	switch model {
	case color.GrayModel:
		size, components = 1, 1
	case color.YCbCrModel:
		size = 3
	case color.CMYKModel:
		size, components = 8, 4
	case color.RGBA64Model, color.NRGBA64Model:
		size = 8
	}
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG")) && len(data) > 28 && data[28] != 0: // interlaced
		return 2 * size
	case progressive(data):
		return size + 4*components
	}
	return size
}

// jpegSegments calls f with the marker and the content of each segment that a JPEG file
// begins with, until f returns false or the pixels begin.
func jpegSegments(data []byte, f func(marker byte, content []byte) bool) {
	if !bytes.HasPrefix(data, []byte("\xff\xd8")) {
		return
	}
	for data = data[2:]; len(data) >= 4 && data[0] == 0xff && data[1] != 0xda; {
		if data[1] == 0xff { // fill
			data = data[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(data[2:]))
		if size < 2 || len(data) < 2+size || !f(data[1], data[4:2+size]) {
			return
		}
		data = data[2+size:]
	}
}

// progressive reports whether a file is a JPEG picture of many passes.
func progressive(data []byte) (found bool) {
	jpegSegments(data, func(marker byte, _ []byte) bool {
		found = found || marker == 0xc2
		return true
	})
	return found
}

// A deadlineReader fails when its time is up: a small file can hold
// thousands of passes over a large picture. It reads little at once, since a
// pass may take 30 bytes and a twentieth of a second.
type deadlineReader struct {
	r     io.Reader
	until time.Time
}

// Read reads, or says that the time is up.
func (t *deadlineReader) Read(p []byte) (int, error) {
	if time.Now().After(t.until) {
		return 0, fmt.Errorf("gave up after %v, expected a simpler picture", maxTime)
	}
	return t.r.Read(p[:min(len(p), 128)])
}

// orientation returns how the camera was held, 1 for upright to 8, by the Exif
// tags in a segment of a JPEG file or the chunk eXIf of a PNG file; 1 where
// there are none.
func orientation(data []byte) int {
	var tiff []byte
	jpegSegments(data, func(marker byte, content []byte) bool {
		if marker == 0xe1 && bytes.HasPrefix(content, []byte("Exif\x00\x00")) {
			tiff = content[6:]
		}
		return tiff == nil
	})
	if png, ok := bytes.CutPrefix(data, []byte("\x89PNG\r\n\x1a\n")); ok {
		for len(png) >= 12 && tiff == nil {
			size := int64(binary.BigEndian.Uint32(png))
			if size > int64(len(png)-12) {
				break
			}
			if string(png[4:8]) == "eXIf" {
				tiff = png[8 : 8+size]
			}
			png = png[12+size:]
		}
	}
	return exifOrientation(tiff)
}

// exifOrientation returns the tag 274 of the first directory of Exif's tags.
func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(tiff) < 10 || int64(order.Uint32(tiff[4:])) > int64(len(tiff)-2) {
		return 1
	}
	tags := tiff[order.Uint32(tiff[4:]):]
	count := int(order.Uint16(tags))
	for tags = tags[2:]; count > 0 && len(tags) >= 12; count, tags = count-1, tags[12:] {
		if order.Uint16(tags) == 274 {
			return int(order.Uint16(tags[8:]))
		}
	}
	return 1
}

// turnUpright returns the page as it was before the camera, of this
// orientation, turned or mirrored it: from 5 on, rows and columns change
// places; then 2, 3, 6 and 7 begin at the right, 3, 4, 7 and 8 below.
func (p *page) turnUpright(orientation int) *page {
	if orientation < 2 || orientation > 8 {
		return p
	}
	out := &page{width: p.width, height: p.height, reduced: p.reduced, grey: make([]byte, len(p.grey))}
	if orientation >= 5 {
		out.width, out.height = p.height, p.width
	}
	for i, g := range p.grey {
		x, y := i%p.width, i/p.width
		if orientation >= 5 {
			x, y = y, x
		}
		if orientation%4 == 2 || orientation%4 == 3 {
			x = out.width - 1 - x
		}
		if orientation%4 == 3 || orientation%4 == 0 {
			y = out.height - 1 - y
		}
		out.grey[y*out.width+x] = g
	}
	return out
}

// newPage returns the grey levels of a picture, as many pixels to one as bring
// it down to maxPage.
func newPage(img image.Image) *page {
	b := img.Bounds()
	k := int(math.Ceil(math.Sqrt(float64(b.Dx()) * float64(b.Dy()) / maxPage)))
	k = min(max(k, 1), b.Dx(), b.Dy())
	p := &page{width: b.Dx() / k, height: b.Dy() / k, reduced: k}
	p.grey = make([]byte, p.width*p.height)
	pixels := img.(image.RGBA64Image) // as all that the standard decoders return
	grey := greyScale(pixels)
	sums := make([]float64, p.width)
	for y := range p.height {
		clear(sums)
		for dy := range k {
			for x := range p.width * k {
				sums[x/k] += grey.at(pixels.RGBA64At(b.Min.X+x, b.Min.Y+y*k+dy))
			}
		}
		for x, sum := range sums {
			p.grey[y*p.width+x] = byte(sum / float64(k*k))
		}
	}
	return p
}

// A colourAxis is how a colour becomes a grey level: the sum of its red, green, blue
// and opacity, 0 to 1 each and the colours times the opacity, with these weights.
type colourAxis struct{ red, green, blue, opacity, constant float64 }

// at returns the grey level of a colour, 0 to 255.
func (a *colourAxis) at(c color.RGBA64) float64 {
	const one = 0xffff
	v := float64(a.red*float64(c.R)) + float64(a.green*float64(c.G)) + float64(a.blue*float64(c.B)) + float64(a.opacity*float64(c.A))
	return min(max(float64(v/one)+a.constant, 0), 255)
}

// luma is the brightness on white paper, with the weights of JPEG and of Go's
// color.GrayModel.
var luma = colourAxis{red: 76.245, green: 149.685, blue: 29.07, opacity: -255, constant: 255.5}

// greyScale returns how the colours of a picture become grey levels: where more
// than half of it is transparent, by the opacity, whatever the colour of the
// ink. Otherwise by the brightness, or, where brightness tells the colours hardly apart, by
// the axis along which they differ most (principal component analysis, Pearson
// 1901).
func greyScale(img image.RGBA64Image) *colourAxis {
	b := img.Bounds()
	var n, transparent float64
	var sum [3]float64
	var products [3][3]float64
	const samples = 256 // by as many, all over the picture
	for j := range samples {
		for i := range samples {
			c := img.RGBA64At(b.Min.X+(2*i+1)*b.Dx()/(2*samples), b.Min.Y+(2*j+1)*b.Dy()/(2*samples))
			if c.A < 0x8000 {
				transparent++
				continue
			}
			n++
			v := [3]float64{float64(c.R) / 0xffff, float64(c.G) / 0xffff, float64(c.B) / 0xffff}
			for k := range v {
				sum[k] += v[k]
				for l := range v {
					products[k][l] += float64(v[k] * v[l])
				}
			}
		}
	}
	if transparent > n {
		return &colourAxis{opacity: -255, constant: 255.5}
	}
	for k := range sum {
		for l := range sum {
			products[k][l] = products[k][l]/n - float64(sum[k]/n*sum[l]/n)
		}
	}
	axis := principalAxis(&products)
	white := [3]float64{luma.red / 255, luma.green / 255, luma.blue / 255}
	const clearly = 10 // times the variance
	if variance(&products, white) > variance(&products, axis)/clearly || transparent > 0 {
		return &luma
	}
	const gain = 255 / math.Sqrt2
	middle := float64(axis[0]*sum[0]) + float64(axis[1]*sum[1]) + float64(axis[2]*sum[2])
	return &colourAxis{red: gain * axis[0], green: gain * axis[1], blue: gain * axis[2], constant: 128 - float64(gain*middle/n)}
}

// variance returns the variance along an axis of colours with this covariance.
func variance(covariance *[3][3]float64, axis [3]float64) (sum float64) {
	for k := range axis {
		for l := range axis {
			sum += float64(float64(axis[k]*covariance[k][l]) * axis[l])
		}
	}
	return sum
}

// principalAxis returns the axis of the largest variance, of length 1, by the
// power method.
func principalAxis(covariance *[3][3]float64) [3]float64 {
	axis := [3]float64{0.6, 0.5, 0.7}
	for range 100 {
		var next [3]float64
		for k := range next {
			for l := range axis {
				next[k] += float64(covariance[k][l] * axis[l])
			}
		}
		length := math.Sqrt(float64(next[0]*next[0]) + float64(next[1]*next[1]) + float64(next[2]*next[2]))
		if cmp.Compare(length, 1e-9) <= 0 {
			break // one colour
		}
		for k := range next {
			axis[k] = next[k] / length
		}
	}
	return axis
}
