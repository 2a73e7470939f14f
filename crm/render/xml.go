package render

// XML is the report as an XML document (08 §13).
type XML struct{ None }

// NewXML begins a report about a command line.
func NewXML(args []string) *XML { return &XML{} }
