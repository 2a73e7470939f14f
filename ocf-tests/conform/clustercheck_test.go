package conform_test

import "systole/ocf-tests/conform"

var clustercheckConfig = config{
	Config: conform.Config{
		Params: []string{"port=19200", "address=127.0.0.1", "run_user=root"},
		Bad:    []string{"port=0", "port=x", "interval=5", "max_age=1h", "socket=x", "pidfile=x", "available_when_donor=perhaps"},
		Odd:    []string{"maintenance_file=DIR/a b'c", "pidfile=DIR/$(d).pid", "user=a'b", "database_port=1"},
		Secret: []string{"password"},
	},
	skipped: append([]string{"validate-required", "migrate", "term-start", "deadline", "kill-slow", "reload"}, promotion...),
}
