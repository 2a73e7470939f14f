package openstack

import (
	"path"
	"strings"

	"systole/agents/ocf"
	"systole/lib/oslo"
)

// maxConfig is the size of a configuration file with every option commented.
const maxConfig = 4 << 20

// readConfig reads the configuration of a service: a file, and the files *.conf in
// the folder of that name with .d after it.
func readConfig(sys ocf.Files, file string) (conf oslo.Config, found bool, err error) {
	text, found, err := sys.ReadFile(file, maxConfig)
	if err != nil || !found {
		return conf, found, err
	}
	texts := []string{string(text)}
	names, err := sys.List(file + ".d")
	if err != nil {
		return conf, true, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".conf") {
			text, _, err := sys.ReadFile(path.Join(file+".d", name), maxConfig)
			if err != nil {
				return conf, true, err
			}
			texts = append(texts, string(text))
		}
	}
	return oslo.Parse(texts...), true, nil
}
