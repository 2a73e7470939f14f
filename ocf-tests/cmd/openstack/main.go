// Command openstack serves a simulated OpenStack, for trying agents by hand.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"systole/ocf-tests/openstack"
)

const usage = `usage: openstack [options]

Serves keystone, nova, cinder and glance in memory until it is ended.

  --listen ADDRESS      where (default 127.0.0.1:5000)
  --hosts A,B,...       compute hosts (default compute-1,compute-2,compute-3)
  --servers N           servers on the first host (default 24)
  --takes DURATION      how long an evacuation takes (default 2s)
  --volumes A,B,...     cinder-volume services

The state of a nova-compute is changed with: curl -X POST 'http://ADDRESS/power?host=NAME&on=no'
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "openstack:", err)
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("openstack", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	listen := flags.String("listen", "127.0.0.1:5000", "")
	hosts := flags.String("hosts", "compute-1,compute-2,compute-3", "")
	servers := flags.Int("servers", 24, "")
	takes := flags.Duration("takes", 2*time.Second, "")
	volumes := flags.String("volumes", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c := openstack.New()
	c.EvacuationTime = *takes
	names := strings.Split(*hosts, ",")
	for _, h := range names {
		c.AddHost(h, 64*1024)
	}
	if *servers < 0 || len(names[0]) == 0 {
		return errors.New("--servers and --hosts: at least one host, and no negative number of servers")
	}
	for i := range *servers {
		c.Boot(names[0], fmt.Sprint("vm-", i), "1", "image-1")
	}
	for _, v := range strings.Fields(strings.ReplaceAll(*volumes, ",", " ")) {
		c.AddVolumeService(v)
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Printf("auth_url=http://%s/identity/v3 username=%s password=%s tenant_name=%s region_name=%s\n",
		l.Addr(), openstack.User, openstack.Password, openstack.Project, openstack.Region)
	mux := http.NewServeMux()
	mux.Handle("/", c)
	mux.HandleFunc("POST /power", func(w http.ResponseWriter, r *http.Request) {
		host := r.FormValue("host")
		switch {
		case c.Service(host).Host == "":
			http.Error(w, fmt.Sprintf("there is no host %q", host), http.StatusNotFound)
			return
		case r.FormValue("on") == "no":
			c.StopCompute(host)
		default:
			c.StartCompute(host)
		}
		fmt.Fprintln(w, "done")
	})
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(l)
}
