package run

import (
	"bytes"
	"io"
)

// capped keeps the first limit bytes that are written to it and takes the rest
// without keeping it: a command must not block because it says too much.
type capped struct {
	buf   bytes.Buffer
	limit int
	over  bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := c.limit - c.buf.Len()
	if room >= len(p) {
		return c.buf.Write(p)
	}
	c.over = true
	c.buf.Write(p[:room])
	return len(p), nil
}

func (c *capped) bytes() []byte { return c.buf.Bytes() }

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }
