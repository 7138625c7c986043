package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

// This file tests what classify makes of files: how the camera was held, formats
// that it does not read, and transparency.

// cornerPage returns a page, higher than wide, with a 0 in its upper left corner.
func cornerPage() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 160, 240))
	for i := range img.Pix {
		x, y := (float64(i%160)-48.5)/25, (float64(i/160)-54.5)/35
		img.Pix[i] = byte(255 * (1 - b2i(x*x+y*y < 1 && x*x+y*y > 0.5)))
	}
	return img
}

// heldAs returns the orientation, 1 to 8, that puts the digit of cornerPage where
// classify has found it; 0 if there is none.
func heldAs(t *testing.T, net string, file []byte) int {
	t.Helper()
	stdout, _, err := called(classify, file, "-load", net, "-json", "-")
	var got pageReading
	if err == nil {
		err = json.Unmarshal([]byte(stdout), &got)
	}
	if err != nil || len(got.Digits) != 1 {
		t.Fatalf("%v, %d digits, want 1", err, len(got.Digits))
	}
	b := got.Digits[0].Box
	for o, want := range [][4]int{
		1: {24, 20, 74, 90}, 2: {86, 20, 136, 90}, 3: {86, 150, 136, 220}, 4: {24, 150, 74, 220},
		5: {20, 24, 90, 74}, 6: {150, 24, 220, 74}, 7: {150, 86, 220, 136}, 8: {20, 86, 90, 136},
	} {
		far := 0
		for k := range b {
			far = max(far, b[k]-want[k], want[k]-b[k])
		}
		if far <= 4 {
			return o
		}
	}
	return 0
}

// jpegSegment returns a part of a JPEG file: its marker, its length, its data.
func jpegSegment(marker byte, data string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(data))), data...)
}

// TestOrientation: of a JPEG picture the tags of the first Exif segment say how
// the camera was held, wherever the segment stands before the pixels and in
// either byte order; of a PNG picture its eXIf chunk, before the pixels or after
// them. What only looks like tags is none: in a comment, in another segment, cut
// off, of another format.
func TestOrientation(t *testing.T) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, cornerPage(), nil); err != nil {
		t.Fatal(err)
	}
	net := storedNetwork(t, biased(1))
	jpg, pictureFile := file.Bytes(), encoded(t, cornerPage())
	big, little := binary.AppendByteOrder(binary.BigEndian), binary.AppendByteOrder(binary.LittleEndian)
	inJPEG := func(parts ...[]byte) []byte { return slices.Concat(jpg[:2], slices.Concat(parts...), jpg[2:]) }
	chunk := func(order binary.AppendByteOrder, o uint16) []byte { return pngChunk("eXIf", exif(order, o)[10:]) }
	end := len(pictureFile) - 12 // where IEND begins
	header := 8 + 25             // where IHDR ends
	jfif := jpegSegment(0xe0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	profile := jpegSegment(0xe2, "ICC_PROFILE\x00\x01\x01"+strings.Repeat("profile ", 8000))
	xmp := jpegSegment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>")
	tags := string(exif(big, 6)[4:])
	for _, c := range []struct {
		name string
		data []byte
		want int
	}{
		{"JPEG without tags", jpg, 1},
		{"first segment", inJPEG(exif(big, 6)), 6},
		{"little-endian", inJPEG(exif(little, 8)), 8},
		{"after JFIF", inJPEG(jfif, exif(big, 3)), 3},
		{"after 64 kB of a colour profile", inJPEG(jfif, profile, exif(big, 6)), 6},
		{"little-endian after 128 kB", inJPEG(jfif, profile, profile, exif(little, 5)), 5},
		{"after other metadata", inJPEG(xmp, exif(big, 7)), 7},
		{"after padding", inJPEG([]byte{0xff, 0xff, 0xff}, exif(big, 4)), 4},
		{"before a comment with other tags", inJPEG(exif(big, 8), jpegSegment(0xfe, tags)), 8},
		{"in a comment", inJPEG(jpegSegment(0xfe, tags)), 1},
		{"in a comment before the tags", inJPEG(jpegSegment(0xfe, tags), exif(big, 8)), 8},
		{"inside another segment", inJPEG(jpegSegment(0xe1, "not at its beginning "+tags)), 1},
		{"in a segment of another kind", inJPEG(jpegSegment(0xe5, tags)), 1},
		{"orientation 0", inJPEG(exif(big, 0)), 1},
		{"orientation 9", inJPEG(exif(big, 9)), 1},
		{"tags cut off", inJPEG(jpegSegment(0xe1, tags[:20])), 1},
		{"tags after the segment's end", inJPEG(jpegSegment(0xe1, strings.Replace(tags, "\x00\x00\x00\x08", "\x00\x00\x00\xf0", 1))), 1},
		{"after the pixels", append(slices.Clone(jpg), exif(big, 6)...), 1},

		{"PNG without tags", pictureFile, 1},
		{"PNG", slices.Insert(slices.Clone(pictureFile), header, chunk(big, 6)...), 6},
		{"PNG, little-endian", slices.Insert(slices.Clone(pictureFile), header, chunk(little, 2)...), 2},
		{"PNG, after the pixels", slices.Insert(slices.Clone(pictureFile), end, chunk(big, 8)...), 8},
		{"PNG, after a text", slices.Insert(slices.Clone(pictureFile), header, append(pngChunk("tEXt", []byte("Comment\x00eXIf"+tags)), chunk(big, 3)...)...), 3},
		{"PNG, in a text", slices.Insert(slices.Clone(pictureFile), header, pngChunk("tEXt", []byte("Comment\x00"+tags))...), 1},
		{"PNG, cut off", slices.Insert(slices.Clone(pictureFile), header, pngChunk("eXIf", exif(big, 6)[10:20])...), 1},
	} {
		if got := heldAs(t, net, c.data); got != c.want {
			t.Errorf("%s: held as %d, want %d", c.name, got, c.want)
		}
	}
	for o := uint16(1); o <= 8; o++ {
		for _, data := range [][]byte{inJPEG(exif(big, o)), slices.Insert(slices.Clone(pictureFile), header, chunk(little, o)...)} {
			if got := heldAs(t, net, data); got != int(o) {
				t.Errorf("orientation %d: held as %d", o, got)
			}
		}
	}
}

// TestOtherFormats: a file of a format that people have, and that is not read,
// is refused with its name and what to do.
func TestOtherFormats(t *testing.T) {
	rest, net := strings.Repeat("\x00", 100), storedNetwork(t, biased(1))
	for _, c := range []struct{ name, begin string }{
		{"HEIC", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"},
		{"HEIC", "\x00\x00\x00\x24ftypmif1\x00\x00\x00\x00mif1heicmiaf"},
		{"HEIC", "\x00\x00\x00\x18ftypheix\x00\x00\x00\x00mif1heix"},
		{"WebP", "RIFF\x00\x10\x00\x00WEBPVP8 "},
		{"BMP", "BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"},
		{"TIFF", "II*\x00\x08\x00\x00\x00"},
		{"TIFF", "MM\x00*\x00\x00\x00\x08"},
	} {
		_, _, err := called(classify, []byte(c.begin+rest), "-load", net, "-")
		if err == nil || !strings.Contains(err.Error(), c.name) || !strings.Contains(err.Error(), "PNG") {
			t.Errorf("%q: error %v, want one that names %s and PNG", c.begin[:8], err, c.name)
		}
	}
	for _, begin := range []string{"RIFF\x00\x10\x00\x00WAVEfmt ", "II+\x00", "hello", "\x00\x00\x00\x18moov", "%PDF-1.7"} {
		_, _, err := called(classify, []byte(begin+rest), "-load", net, "-")
		for _, name := range []string{"HEIC", "WebP", "BMP", "TIFF"} {
			if err == nil || strings.Contains(err.Error(), name) {
				t.Errorf("%q: error %v, want none that names %s", begin, err, name)
			}
		}
	}
}

// TestTransparent: ink of any colour on nothing is read by its shape, whatever
// colour the transparent pixels have; so is ink on a half transparent paper, and
// a hole in an opaque sheet.
func TestTransparent(t *testing.T) {
	net := storedNetwork(t, biased(7))
	drawn := (&drawing{lines: [][]int{{0, 1, 2, 3}}, scale: 3, paper: 255}).draw()
	read := func(pixel func(ink byte) color.NRGBA) string {
		img := image.NewNRGBA(drawn.Rect)
		for i, grey := range drawn.Pix {
			img.SetNRGBA(i%drawn.Stride, i/drawn.Stride, pixel(255-grey))
		}
		stdout, _, err := called(classify, encoded(t, img), "-load", net, "-json", "-")
		var got struct{ Text string }
		if err == nil {
			err = json.Unmarshal([]byte(stdout), &got)
		}
		if err != nil {
			return err.Error()
		}
		return got.Text
	}
	on := func(ink, hidden color.NRGBA) func(byte) color.NRGBA {
		return func(a byte) color.NRGBA {
			if a == 0 {
				return hidden
			}
			ink.A = a
			return ink
		}
	}
	black, white := color.NRGBA{}, color.NRGBA{R: 255, G: 255, B: 255}
	blue, yellow := color.NRGBA{B: 230, G: 60}, color.NRGBA{R: 255, G: 240}
	for _, c := range []struct {
		name  string
		pixel func(ink byte) color.NRGBA
	}{
		{"black on nothing", on(black, black)},
		{"black on hidden white", on(black, white)},
		{"white on nothing", on(white, black)},
		{"white on hidden white", on(white, white)},
		{"blue on nothing", on(blue, black)},
		{"blue on hidden blue", on(blue, blue)},
		{"yellow on nothing", on(yellow, black)},
		{"yellow on hidden white", on(yellow, white)},
		{"black on half transparent white", func(a byte) color.NRGBA { return color.NRGBA{255 - a, 255 - a, 255 - a, 128 + a/2} }},
		{"white on half transparent black", func(a byte) color.NRGBA { return color.NRGBA{a, a, a, 128 + a/2} }},
		{"black, opaque", func(a byte) color.NRGBA { return color.NRGBA{255 - a, 255 - a, 255 - a, 255} }},
		{"holes in black", func(a byte) color.NRGBA { return color.NRGBA{0, 0, 0, 255 - a} }},
	} {
		if got := read(c.pixel); got != "7777" {
			t.Errorf("%s: read %q, want 7777", c.name, got)
		}
	}
}

// TestSmallest: pictures of 8×8 pixels are read, smaller ones are not.
func TestSmallest(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want bool
	}{{8, 8, true}, {8, 7, false}, {7, 8, false}} {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, c.w, c.h))); err != nil {
			t.Fatal(err)
		}
		if _, err := decode(b.Bytes()); (err == nil) != c.want {
			t.Errorf("%d×%d: error %v", c.w, c.h, err)
		}
	}
}

// TestBytesPerPixel: a JPEG picture of many passes is decoded with its coefficients,
// an interlaced PNG picture with a second one.
func TestBytesPerPixel(t *testing.T) {
	jpeg := func(marker byte) []byte { // behind a comment and a byte that fills
		return []byte{0xff, 0xd8, 0xff, 0xfe, 0, 4, 0xff, 0xc2, 0xff, 0xff, marker, 0, 2, 0xff, 0xda, 0, 2}
	}
	png := func(interlaced byte) []byte {
		return append(append([]byte("\x89PNG"), make([]byte, 24)...), interlaced)
	}
	for _, c := range []struct {
		model color.Model
		data  []byte
		want  int64
	}{
		{color.YCbCrModel, jpeg(0xc0), 3},
		{color.YCbCrModel, jpeg(0xc2), 15},
		{color.GrayModel, jpeg(0xc2), 5},
		{color.CMYKModel, jpeg(0xc2), 24},
		{color.YCbCrModel, append(jpeg(0xc0), 0xff, 0xc2, 0, 2), 3}, // among the pixels
		{color.NRGBAModel, png(0), 4},
		{color.NRGBAModel, png(1), 8},
		{color.NRGBA64Model, png(1), 16},
	} {
		if got := bytesPerPixel(c.model, c.data); got != c.want {
			t.Errorf("% x: %d bytes, want %d", c.data, got, c.want)
		}
	}
}
