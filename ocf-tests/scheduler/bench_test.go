package scheduler

import (
	"os"
	"path/filepath"
	"testing"

	"systole/cib/schema"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// BenchmarkSuite plans all cases one after the other: from the bytes of the
// CIBs to the transitions.
func BenchmarkSuite(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(folder(b), "xml", "*.xml"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no cases: %v", err)
	}
	var cibs [][]byte
	size := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		cibs = append(cibs, data)
		size += len(data)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for i, data := range cibs {
			if err := planned(data); err != nil {
				b.Fatalf("%s: %v", files[i], err)
			}
		}
	}
}

func planned(data []byte) error {
	root, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		return err
	}
	if _, err := schema.Upgrade(root); err != nil {
		return err
	}
	s, err := scheduler.Unpack(root, scheduler.Options{RealNow: 1790000000})
	if err != nil {
		return err
	}
	return s.Plan()
}
