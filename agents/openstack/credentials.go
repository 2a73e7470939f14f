package openstack

import (
	"context"

	"systole/agents/ocf"
	"systole/lib/openstack/api"
)

// credentialParams are the parameters with which all agents of this package log in.
// The first ones are those of the stock agents.
func credentialParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "auth_url", Short: "URL of keystone",
			Long: "URL of keystone, with or without /v3 at its end. Required, except with the parameter cloud.",
		},
		{Name: "username", Short: "User", Long: "Name of a user with the role admin."},
		{Name: "password", Secret: true, Short: "Password", Long: "Password of the user. It is part of the CIB then; password_file, an application credential or clouds.yaml keep it out of there."},
		{Name: "tenant_name", Short: "Project", Long: "Name of the project that the user is admin of."},
		{Name: "user_domain", Default: "Default", Short: "Domain of the user", Long: "Name of the keystone domain of the user."},
		{Name: "project_domain", Default: "Default", Short: "Domain of the project", Long: "Name of the keystone domain of the project."},
		{
			Name: "password_file", Short: "File with the password",
			Long: "File that holds the password, or the secret of the application credential, and nothing else. It is refused if everybody may read it.",
		},
		{Name: "application_credential_id", Short: "Application credential", Long: "ID of an application credential, in place of user, password and project."},
		{Name: "application_credential_secret", Secret: true, Short: "Secret of the application credential", Long: "Secret of the application credential; or see password_file."},
		{Name: "cloud", Short: "Entry of clouds.yaml", Long: "Name of an entry of clouds.yaml, in place of all of the above."},
		{Name: "clouds_file", Default: "/etc/openstack/clouds.yaml", Short: "Path of clouds.yaml", Long: "The file that the parameter cloud names an entry of; a secure.yaml beside it is read as well."},
		{
			Name: "endpoint_type", Type: ocf.Select, Options: []string{"internalURL", "publicURL", "adminURL"},
			Short: "Which endpoints are used",
			Long:  "Endpoints of the catalog that are used. Without it, it is what clouds.yaml says, or internalURL.",
		},
		{Name: "region_name", Short: "Region", Long: "Region of the endpoints; needed if the catalog has several."},
		{Name: "insecure", Type: ocf.Boolean, Default: "no", Short: "Do not check certificates", Long: "Accept any certificate of the services. Whoever is on the way can then read the password."},
		{Name: "cacert", Short: "Certificates of authorities", Long: "File with the certificates, in PEM form, that those of the services are checked against; without it those of the system."},
	}
}

func readCredentials(v ocf.Values) api.Credentials {
	return api.Credentials{
		AuthURL: v.String("auth_url"), Username: v.String("username"), Password: api.Secret(v.String("password")), Project: v.String("tenant_name"),
		UserDomain: v.String("user_domain"), ProjectDomain: v.String("project_domain"), PasswordFile: v.String("password_file"),
		ApplicationCredentialID: v.String("application_credential_id"), ApplicationCredentialSecret: api.Secret(v.String("application_credential_secret")),
		Cloud: v.String("cloud"), CloudsFile: v.String("clouds_file"), Interface: v.String("endpoint_type"), Region: v.String("region_name"),
		Insecure: v.Bool("insecure"), CAFile: v.String("cacert"),
	}
}

func checkCredentials(c api.Credentials) error {
	if err := c.Check(); err != nil {
		return ocf.Errorf(ocf.ErrConfigured, "%w", err)
	}
	return nil
}

// Nova is nova as the agents need it.
type Nova interface {
	ComputeServices(ctx context.Context, host string) ([]api.Service, error)
	UnforceService(ctx context.Context, id string) error
	EnableService(ctx context.Context, id string) error
	Servers(ctx context.Context, host string) ([]api.Server, error)
	Evacuations(ctx context.Context, source string) ([]api.Migration, error)
}

// Cinder is cinder as the agent needs it.
type Cinder interface {
	VolumeServices(ctx context.Context) ([]api.VolumeService, error)
	DisableVolumeService(ctx context.Context, host, reason string) error
	EnableVolumeService(ctx context.Context, host string) error
}
