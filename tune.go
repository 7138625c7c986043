package main

import "io"

// tuneCommand stands in (§3.7).
func tuneCommand(args []string, _ io.Reader, stdout, stderr io.Writer) error { return nil }
