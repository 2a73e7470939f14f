// Package redfish is fence_redfish: power over the Redfish API of management
// controllers.
package redfish

import (
	"strings"

	"systole/fence/fencing"
)

// Agent makes the agent.
func Agent() *fencing.Agent {
	return &fencing.Agent{Description: description(), Validate: validate, Open: open}
}

func description() fencing.Description {
	return fencing.Description{
		Name: "fence_redfish", Short: "Power Fencing agent for Redfish",
		Long: `fence_redfish turns machines off and on through their management controllers (BMC) over
Redfish, an API of the DMTF that most makers have (iDRAC, iLO, XClarity, OpenBMC, Supermicro and others).

The power is cut with ForceOff, never by asking the operating system. Certificates are verified; give the one
of the controller with ca_file.`,
		Vendor:  "https://www.dmtf.org",
		Diag:    true,
		Options: options(),
		Notes: []fencing.Note{
			{Title: "Sessions", Text: `The agent logs in with a session of its own and ends it, as controllers have few. Where sessions
are not offered, or none is left, every request carries the password instead (basic authentication).`},
			{Title: "Several machines", Text: `A controller of several machines (a chassis, a simulator) needs systems_uri, the address of the
machine; the message lists what there is.`},
			{Title: "User", Text: `A user that may read the machine and control its power is enough: the Redfish role Operator.`},
		},
	}
}

func options() []fencing.Option {
	list := fencing.Standard("ip", "ipport", "username", "password", "password_script", "plug", "port_as_ip", "ssl", "ssl_insecure", "ssl_secure",
		"login_timeout", "shell_timeout")
	for i := range list {
		o := &list[i]
		switch o.Name {
		case "ip":
			o.Required = false // as plug may stand for it
		case "ipport":
			o.Default = "443"
			o.Text = "The default is 80 with ssl=0."
		case "username":
			o.Required = true
		case "plug":
			o.Required, o.Word = false, "ip"
			o.Text = "With port_as_ip the address of the device; otherwise it is not used."
		case "login_timeout":
			o.Default = "15" // four requests, of which each may take seconds
		case "shell_timeout":
			o.Default = "10"
			o.Text = "Controllers take seconds for an answer. Stock agents wait for ever, whatever is set."
		case "ssl":
			o.Default = "1"
			o.Text = "ssl=0 speaks plain HTTP, which shows the password to the network."
		case "ssl_insecure":
			o.Text = "Whoever can answer at the address is then told the password, and believed."
		case "ssl_secure":
			o.Text = "It is the default, and beats ssl_insecure."
		}
	}
	return append(list,
		fencing.Option{Name: "redfish_uri", Old: []string{"redfish-uri"}, Word: "uri", Default: "/redfish/v1", Short: "Base or starting Redfish URI"},
		fencing.Option{
			Name: "systems_uri", Old: []string{"systems-uri"}, Word: "uri", Short: "Redfish Systems resource URI, i.e. /redfish/v1/Systems/System.Embedded.1",
			Text: "Default: the only machine that the controller has.",
		},
		fencing.Option{
			Name: "ca_file", Word: "file", Short: "Certificates that are trusted, in PEM",
			Text: "The certificate of the controller itself, whatever its names and dates say, or of who has signed it. Default:\nthose that the operating system trusts. Stock agents do not have this option. To get it, from a network that you trust:\nopenssl s_client -connect HOST:443 </dev/null | openssl x509",
		},
		fencing.Option{
			Name: "gnutlscli_path", Word: "path", Default: "/usr/bin/gnutls-cli", Short: "Path to gnutls-cli binary",
			Ignored: "TLS is part of the agent",
		})
}

// validate checks what types cannot.
func validate(v *fencing.Values) []string {
	var list []string
	for _, name := range []string{"redfish_uri", "systems_uri"} {
		if uri := v.String(name); uri != "" && !strings.HasPrefix(uri, "/") {
			list = append(list, name+" must be a path that begins with /, without the name of the host")
		}
	}
	return list
}
