package redfish

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
)

const maxCA = 1 << 20

// trust is what a file of certificates says about the controller. One that is in the
// file itself is trusted whatever its names and dates say: most controllers have made
// theirs at the factory, for no name and no longer than for some years.
type trust struct {
	pool   *x509.CertPool
	pinned []*x509.Certificate
	host   string
}

func readTrust(file, host string) (*trust, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCA+1))
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	if len(text) > maxCA {
		return nil, fmt.Errorf("%s is larger than %d bytes: give the certificates that are needed", file, maxCA)
	}
	t := &trust{pool: x509.NewCertPool(), host: host}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate in %s: %w", file, err)
		}
		t.pool.AddCert(c)
		t.pinned = append(t.pinned, c)
	}
	if t.pinned == nil {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return t, nil
}

// verify is for tls.Config.VerifyConnection.
func (t *trust) verify(s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return &tls.CertificateVerificationError{Err: errors.New("the controller shows no certificate")}
	}
	leaf := s.PeerCertificates[0]
	for _, c := range t.pinned {
		if c.Equal(leaf) {
			return nil
		}
	}
	options := x509.VerifyOptions{Roots: t.pool, DNSName: t.host, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	if _, err := leaf.Verify(options); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}
