package conform_test

import (
	"testing"

	"systole/ocf-tests/conform"
)

// config is what the suite has to know about an agent of ours.
type config struct {
	conform.Config
	skipped []string                             // checks that do not apply to it
	files   map[string]string                    // written before, by path; may be nil
	setUp   func(t testing.TB) (params []string) // may be nil
}

// configs is a table. Each agent has a file of its own: NAME_test.go.
var configs = map[string]config{
	"Dummy":             dummyConfig,
	"Filesystem":        filesystemConfig,
	"IPaddr2":           ipaddr2Config,
	"NovaCompute":       computeConfig,
	"NovaEvacuate":      evacuateConfig,
	"Stateful":          statefulConfig,
	"cinder-volume":     volumeConfig,
	"clustercheck":      clustercheckConfig,
	"galera":            galeraConfig,
	"haproxy":           haproxyConfig,
	"memcached":         memcachedConfig,
	"nova-compute-wait": waitConfig,
}

// promotion is a table: the checks of resources that have roles.
var promotion = []string{
	"promote", "promote-again", "promote-stopped", "demote", "demote-again", "stop-promoted", "promotion-score", "notify", "notify-bare", "kill-promote",
}

// dummyConfig and those of all other agents are tables.
var dummyConfig = config{
	Config: conform.Config{
		Bad: []string{"op_sleep=soon"}, Odd: []string{"state=DIR/a b'c.state", "state=DIR/$(d).state"},
		Slow: []string{"op_sleep=8"}, Secret: []string{"passwd"},
	},
	skipped: append([]string{"validate-types", "validate-required"}, promotion...),
}

var statefulConfig = config{
	Config:  conform.Config{Bad: []string{"notify_delay=soon"}, Odd: []string{"state=DIR/a b'c.state"}},
	skipped: []string{"validate-types", "validate-required", "migrate", "term-start", "deadline", "kill-slow", "secrets"},
}
