package openstack

import (
	"strings"

	"systole/fence/fencing"
	"systole/lib/openstack/api"
)

// options are those of both agents: the stock ones, and other ways to log in.
func options() []fencing.Option {
	list := fencing.Standard("username", "password", "password_script", "plug")
	return append(
		list,
		fencing.Option{Name: "auth_url", Letter: 'k', Word: "url", Short: "Keystone Admin Auth URL", Text: "With or without /v3 at its end. Required, except with cloud."},
		fencing.Option{Name: "tenant_name", Letter: 't', Word: "name", Short: "Keystone Admin Tenant or v3 Project"},
		fencing.Option{Name: "endpoint_type", Letter: 'e', Word: "endpoint", Default: "internalURL", Short: "Nova Endpoint type (publicURL, internalURL, adminURL)"},
		fencing.Option{Name: "region_name", Word: "region", Short: "Region Name"},
		fencing.Option{Name: "insecure", Type: fencing.Boolean, Short: "Allow agent to use insecure connections", Text: "Whoever is on the way can then read the password."},
		fencing.Option{Name: "user_domain", Letter: 'u', Word: "name", Default: "Default", Short: "Keystone v3 User Domain"},
		fencing.Option{Name: "project_domain", Letter: 'P', Word: "name", Default: "Default", Short: "Keystone v3 Project Domain"},
		fencing.Option{
			Name: "domain", Old: []string{"compute_domain"}, Letter: 'd', Word: "string", Short: "DNS domain in which hosts live",
			Text: "What nova's names of hosts have behind the names of nodes, without the dot. Without it, a host whose\nname without domain is that of the node is found by itself.",
		},
		fencing.Option{
			Name: "no_shared_storage", Type: fencing.Boolean, Default: "False", Short: "Disable functionality for shared storage",
			Text: "Disks of servers are on storage of each host: a server is rebuilt from its image.",
		},
		fencing.Option{
			Name: "instance_filtering", Type: fencing.Boolean, Default: "True", Short: "Allow instances to be evacuated",
			Text: "With false, nothing is evacuated.",
		},
		fencing.Option{Name: "password_file", Word: "file", Short: "File with the password, or with the secret of the application credential"},
		fencing.Option{Name: "application_credential_id", Word: "id", Short: "Application credential, in place of user, password and project"},
		fencing.Option{Name: "application_credential_secret", Word: "secret", Secret: true, Short: "Secret of the application credential"},
		fencing.Option{Name: "cloud", Word: "name", Short: "Entry of clouds.yaml, in place of all of these"},
		fencing.Option{Name: "clouds_file", Word: "file", Default: "/etc/openstack/clouds.yaml", Short: "Path of clouds.yaml"},
		fencing.Option{Name: "cacert", Word: "file", Short: "Certificates that those of the services are checked against"},
		fencing.Standard("shell_timeout")[0].With(func(o *fencing.Option) { o.Default = "180" }),
	)
}

func credentials(v *fencing.Values) api.Credentials {
	return api.Credentials{
		AuthURL: v.String("auth_url"), Username: v.String("username"), Password: api.Secret(v.Secret("password").Reveal()), Project: v.String("tenant_name"),
		UserDomain: v.String("user_domain"), ProjectDomain: v.String("project_domain"), PasswordFile: v.String("password_file"),
		ApplicationCredentialID:     v.String("application_credential_id"),
		ApplicationCredentialSecret: api.Secret(v.Secret("application_credential_secret").Reveal()),
		Cloud:                       v.String("cloud"), CloudsFile: v.String("clouds_file"),
		Interface: v.String("endpoint_type"), Region: v.String("region_name"), Insecure: v.Bool("insecure"), CAFile: v.String("cacert"),
	}
}

// validate checks the credentials as far as that goes without a service. A password
// that a script will print counts as given.
func validate(v *fencing.Values) []string {
	cr := credentials(v)
	if cr.Password == "" && v.Given("password_script") {
		cr.Password = "from the script"
	}
	if err := cr.Check(); err != nil {
		return []string{strings.TrimPrefix(err.Error(), "parameter ")}
	}
	return nil
}
