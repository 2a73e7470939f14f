package conform_test

import "systole/ocf-tests/conform"

var memcachedConfig = config{
	Config: conform.Config{
		Params: []string{"user=nobody", "port=41211", "options=-t 1"},
		Bad:    []string{"port=0", "options=-d", "options=-P /x", "pid=relative", "listen=a b"},
		Odd:    []string{"options=-t 1 -D $(x)'"},
	},
	skipped: append([]string{"validate-required", "migrate", "secrets", "term-start", "deadline", "kill-slow"}, promotion...),
}
