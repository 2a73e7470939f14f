package redfish

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
)

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		given           map[string]string
		host            string
		port            int
		plain, insecure bool
	}{
		"defaults":            {map[string]string{"ip": "bmc"}, "bmc", 443, false, false},
		"port":                {map[string]string{"ip": "bmc", "ipport": "8443"}, "bmc", 8443, false, false},
		"port in the address": {map[string]string{"ip": "bmc:8443"}, "bmc", 8443, false, false},
		"IPv6":                {map[string]string{"ip": "fe80::1"}, "fe80::1", 443, false, false},
		"IPv6 in brackets":    {map[string]string{"ip": "[fe80::1]"}, "fe80::1", 443, false, false},
		"IPv6 and port":       {map[string]string{"ip": "[fe80::1]:8443"}, "fe80::1", 8443, false, false},
		"plain":               {map[string]string{"ip": "bmc", "ssl": "0"}, "bmc", 0, true, false},
		"plain, port":         {map[string]string{"ip": "bmc", "ssl": "0", "ipport": "8000"}, "bmc", 8000, true, false},
		"insecure":            {map[string]string{"ip": "bmc", "ssl_insecure": "1"}, "bmc", 443, false, true},
		"insecure beats ssl":  {map[string]string{"ip": "bmc", "ssl_insecure": "1", "ssl": "0"}, "bmc", 443, false, true},
		"secure beats both":   {map[string]string{"ip": "bmc", "ssl_insecure": "1", "ssl": "0", "ssl_secure": "1"}, "bmc", 443, false, false},
		"plug as address":     {map[string]string{"port": "bmc9", "port_as_ip": "1", "plug": "bmc9"}, "bmc9", 443, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := Agent()
			v, err := a.Values(fencing.Input{Given: c.given})
			require.NoError(t, err)
			have := config(&v)
			require.Equal(t, c.host, have.Host)
			require.Equal(t, c.port, have.Port)
			require.Equal(t, c.plain, have.Plain)
			require.Equal(t, c.insecure, have.Insecure)
		})
	}
}
