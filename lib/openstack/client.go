package openstack

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"systole/lib/openstack/api"
)

// Limits of one request.
const (
	requestTimeout = 30 * time.Second
	maxAnswer      = 64 << 20
	maxSecret      = 4096
	maxAuthorities = 16 << 20
)

// Client is a user who is logged in. Its methods may be called by several
// goroutines; the first call of each service asks for its versions.
type Client struct {
	provider *gophercloud.ProviderClient
	wire     *wire
	region   string
	face     string // public, internal or admin
	where    string // URL of keystone, for messages

	compute versions
}

// Dial logs in.
func Dial(ctx context.Context, cr api.Credentials) (*Client, error) {
	opts, err := options(cr)
	if err != nil {
		return nil, err
	}
	provider, err := openstack.NewClient(opts.auth.IdentityEndpoint)
	if err != nil {
		return nil, fmt.Errorf("URL of keystone %q: %w", opts.auth.IdentityEndpoint, err)
	}
	w := &wire{}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = opts.tls
	transport.MaxIdleConnsPerHost = 32
	transport.MaxResponseHeaderBytes = 1 << 20
	w.next = transport
	provider.HTTPClient = http.Client{
		Transport: w, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	provider.UserAgent.Prepend("systole")
	provider.UseTokenLock()
	c := &Client{
		provider: provider, wire: w, region: opts.region, face: opts.face, where: opts.auth.IdentityEndpoint,
	}
	if err := openstack.Authenticate(ctx, provider, opts.auth); err != nil {
		c.Close() // whoever tries again and again must not gather connections
		return nil, fmt.Errorf("log in at %s: %w", c.where, understand(err))
	}
	return c, nil
}

// Close gives up the connections.
func (c *Client) Close() { c.provider.HTTPClient.CloseIdleConnections() }

// Now is the time by the clock of the service that answered last: what nova says
// about times is by that clock. It is the zero time before the first answer.
func (c *Client) Now() time.Time { return c.wire.date() }

// loginOptions are credentials in the words of gophercloud.
type loginOptions struct {
	auth         gophercloud.AuthOptions
	region, face string
	tls          *tls.Config
}

func options(cr api.Credentials) (o loginOptions, err error) {
	if err := cr.Check(); err != nil {
		return o, err
	}
	if cr.Cloud != "" {
		o, err = fromCloudsFile(cr)
	} else {
		o, err = fromParameters(cr)
	}
	if err != nil {
		return o, err
	}
	if o.tls == nil {
		o.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if cr.CAFile != "" {
		if o.tls.RootCAs, err = authorities(cr.CAFile); err != nil {
			return o, err
		}
	}
	o.tls.InsecureSkipVerify = o.tls.InsecureSkipVerify || cr.Insecure
	if cr.Region != "" {
		o.region = cr.Region
	}
	if cr.Interface != "" || o.face == "" {
		o.face = face(cr.Interface)
	}
	o.auth.AllowReauth = true
	return o, nil
}

// face is the word of the catalog for an endpoint type; internal by default, as
// the stock agents have it.
func face(endpointType string) string {
	switch strings.TrimSuffix(endpointType, "URL") {
	case "public":
		return "public"
	case "admin":
		return "admin"
	}
	return "internal"
}

func fromParameters(cr api.Credentials) (o loginOptions, err error) {
	secret := cr.Password
	if cr.ApplicationCredentialID != "" {
		secret = cr.ApplicationCredentialSecret
	}
	if cr.PasswordFile != "" {
		if secret, err = readSecret(cr.PasswordFile); err != nil {
			return o, err
		}
	}
	o.auth.IdentityEndpoint = cr.AuthURL
	if cr.ApplicationCredentialID != "" {
		o.auth.ApplicationCredentialID = cr.ApplicationCredentialID
		o.auth.ApplicationCredentialSecret = string(secret)
		return o, nil
	}
	o.auth.Username, o.auth.Password = cr.Username, string(secret)
	o.auth.DomainName = cmp.Or(cr.UserDomain, "Default")
	// The domain of the project is not that of the user.
	o.auth.Scope = &gophercloud.AuthScope{ProjectName: cr.Project, DomainName: cmp.Or(cr.ProjectDomain, "Default")}
	return o, nil
}

func fromCloudsFile(cr api.Credentials) (o loginOptions, err error) {
	file := cmp.Or(cr.CloudsFile, "/etc/openstack/clouds.yaml")
	auth, endpoint, conf, err := clouds.Parse(clouds.WithCloudName(cr.Cloud), clouds.WithLocations(file))
	if err != nil {
		return o, fmt.Errorf("cloud %q of %s: %w", cr.Cloud, file, err)
	}
	o.auth, o.tls, o.region = auth, conf, endpoint.Region
	if endpoint.Availability != "" {
		o.face = string(endpoint.Availability)
	}
	return o, nil
}

// readSecret reads a file that nobody but its owner and group may read.
func readSecret(path string) (api.Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if info.Mode()&0o007 != 0 {
		return "", fmt.Errorf("the password file %s may be read by everybody: chmod 600 it", path)
	}
	text, err := read(path, maxSecret)
	if err != nil {
		return "", fmt.Errorf("read the password: %w (the file holds the password alone)", err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("the password file %s is empty", path)
	}
	return api.Secret(secret), nil
}

// read reads a file of limited size.
func read(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path) // a pipe would be waited for
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return text, err
}

func authorities(path string) (*x509.CertPool, error) {
	text, err := read(path, maxAuthorities)
	if err != nil {
		return nil, fmt.Errorf("read the certificates of authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
	}
	return pool, nil
}

// service is an endpoint of the catalog that came with the token, by the first of
// some types that the catalog has.
func (c *Client) service(types ...string) (*gophercloud.ServiceClient, error) {
	result, ok := c.provider.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return nil, fmt.Errorf("keystone at %s gave no catalog of version 3: give an auth_url that ends in /v3", c.where)
	}
	catalog, err := result.ExtractServiceCatalog()
	if err != nil {
		return nil, fmt.Errorf("catalog of %s: %w", c.where, err)
	}
	for _, want := range types {
		for _, entry := range catalog.Entries {
			for _, e := range entry.Endpoints {
				if entry.Type == want && e.Interface == c.face && (c.region == "" || e.Region == c.region || e.RegionID == c.region) {
					return &gophercloud.ServiceClient{
						ProviderClient: c.provider, Type: types[0], Endpoint: gophercloud.NormalizeURL(e.URL),
					}, nil
				}
			}
		}
	}
	in := ""
	if c.region != "" {
		in = " in region " + c.region
	}
	return nil, fmt.Errorf("the catalog of %s has no %s endpoint of the service %s%s: look at endpoint_type and region_name, and at: openstack catalog list", c.where, c.face, types[0], in)
}
