package main

import (
	"os"
	"syscall"
)

// This file holds what terminal.go asks a console of Windows.

var setConsoleMode = syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode")

func init() { consoleTakesEscapes = switchEscapesOn }

// switchEscapesOn switches ENABLE_VIRTUAL_TERMINAL_PROCESSING on. Consoles older than
// Windows 10 refuse it, and what is no console has no mode.
func switchEscapesOn(f *os.File) bool {
	const processing = 0x4
	var mode uint32
	if syscall.GetConsoleMode(syscall.Handle(f.Fd()), &mode) != nil {
		return false
	}
	if mode&processing != 0 {
		return true
	}
	done, _, _ := setConsoleMode.Call(f.Fd(), uintptr(mode|processing))
	return done != 0
}
