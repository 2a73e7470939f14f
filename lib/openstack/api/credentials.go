package api

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Secret is text that does not show itself: printed with any verb it is masked.
type Secret string

// Format prints a mask.
func (s Secret) Format(f fmt.State, _ rune) {
	if s != "" {
		_, _ = io.WriteString(f, "***")
	}
}

// MarshalText prints a mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(s)), nil }

// Credentials say who asks, and where. There are three ways: a user with password
// and project, an application credential, and an entry of a clouds.yaml.
type Credentials struct {
	AuthURL string // of keystone, with or without /v3

	Username, Project         string
	UserDomain, ProjectDomain string // names
	Password                  Secret
	PasswordFile              string // holds the password, or the secret of the application credential

	ApplicationCredentialID     string
	ApplicationCredentialSecret Secret

	Cloud      string // name of an entry of CloudsFile
	CloudsFile string

	Region    string
	Interface string // publicURL, internalURL or adminURL; "" is internalURL, as for the stock agents
	Insecure  bool   // certificates of servers are not checked
	CAFile    string // certificates that those of servers are checked against
}

// Check says what is missing, in the names of the parameters of agents.
func (c Credentials) Check() error {
	secret := c.PasswordFile != ""
	switch {
	case c.Cloud != "":
		return nil
	case c.AuthURL == "":
		return errors.New("parameter auth_url is not set: give the URL of keystone, or name an entry of a clouds.yaml with the parameter cloud")
	case !strings.HasPrefix(c.AuthURL, "http://") && !strings.HasPrefix(c.AuthURL, "https://"):
		return fmt.Errorf("parameter auth_url is %q, which is no URL: give one as https://keystone.example.com:5000/v3", c.AuthURL)
	case c.ApplicationCredentialID != "":
		if !secret && c.ApplicationCredentialSecret == "" {
			return errors.New("an application credential has no secret: set the parameter application_credential_secret or password_file")
		}
		return nil
	case c.Username == "":
		return errors.New("parameter username is not set: give a user, an application credential, or an entry of a clouds.yaml")
	case !secret && c.Password == "":
		return errors.New("parameter password is not set: give it, or the parameter password_file")
	case c.Project == "":
		return errors.New("parameter tenant_name is not set: give the project of the user")
	}
	return nil
}
