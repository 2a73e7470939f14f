package conform_test

import "systole/ocf-tests/conform"

var haproxyConfig = config{
	Config: conform.Config{
		Params: []string{"conffile=DIR/haproxy.cfg", "pidfile=DIR/haproxy.pid", "drain_timeout=1"},
		Bad:    []string{"conffile=haproxy.cfg", "drain_timeout=soon", "bind_check=perhaps", "backend_failure=x", "options=-D", "statusurl=ftp://x/", "ns=a/b"},
		Odd:    []string{"pidfile=DIR/a b'c.pid", "conffile=DIR/a b $(d).cfg", "config_version=; id"},
	},
	skipped: append([]string{"validate-required", "migrate", "term-start", "deadline", "kill-slow", "secrets"}, promotion...),
	files:   map[string]string{"DIR/haproxy.cfg": haproxyCfg, "DIR/a b $(d).cfg": haproxyCfg},
}

// haproxyCfg listens at a Unix socket, so that suites can run side by side.
const haproxyCfg = `global
  stats socket DIR/stats.sock level admin
  maxconn 100
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen test
  bind DIR/test.sock
  server a 127.0.0.1:1
`
