package snmp

import (
	"errors"
	"fmt"

	"github.com/gosnmp/gosnmp"

	"systole/lib/redact"
)

// Config says which agent is asked, and how.
type Config struct {
	Host      string
	Port      int
	Version   string        // 1, 2c or 3
	Community redact.Secret // versions 1 and 2c

	// Of version 3. A level that is "" is the highest that there are passphrases for.
	Level        string // noAuthNoPriv, authNoPriv or authPriv
	User         string
	AuthProtocol string // MD5 or SHA; "": MD5
	AuthPass     redact.Secret
	PrivProtocol string // DES or AES; "": DES
	PrivPass     redact.Secret
}

// shortestPass is the limit of RFC 3414, 11.2.
const shortestPass = 8

// retries bound what is sent to one that answers nonsense; the context ends the rest.
const retries = 30

func (c Config) client() (*gosnmp.GoSNMP, error) {
	if c.Port < 1 || c.Port > 65535 {
		return nil, fmt.Errorf("port %d is none", c.Port)
	}
	g := &gosnmp.GoSNMP{Target: c.Host, Port: uint16(c.Port), Transport: "udp", Timeout: patience, Retries: retries, MaxOids: 1}
	switch c.Version {
	case "1":
		g.Version, g.Community = gosnmp.Version1, c.Community.Reveal()
	case "2c":
		g.Version, g.Community = gosnmp.Version2c, c.Community.Reveal()
	case "3":
		g.Version = gosnmp.Version3
		return g, c.user(g)
	default:
		return nil, fmt.Errorf("SNMP version %q: give 1, 2c or 3", c.Version)
	}
	return g, nil
}

// user is the login of version 3.
func (c Config) user(g *gosnmp.GoSNMP) error {
	if c.User == "" {
		return errors.New("SNMP version 3 needs a user")
	}
	level := c.Level
	if level == "" {
		level = "noAuthNoPriv"
		switch {
		case c.AuthPass != "" && c.PrivPass != "":
			level = "authPriv"
		case c.AuthPass != "":
			level = "authNoPriv"
		}
	}
	p := &gosnmp.UsmSecurityParameters{UserName: c.User, AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
	g.SecurityModel, g.SecurityParameters, g.MsgFlags = gosnmp.UserSecurityModel, p, gosnmp.NoAuthNoPriv
	switch level {
	case "noAuthNoPriv":
		return nil
	case "authNoPriv":
		g.MsgFlags = gosnmp.AuthNoPriv
	case "authPriv":
		g.MsgFlags = gosnmp.AuthPriv
	default:
		return fmt.Errorf("security level %q: give noAuthNoPriv, authNoPriv or authPriv", level)
	}
	auth, ok := map[string]gosnmp.SnmpV3AuthProtocol{"": gosnmp.MD5, "MD5": gosnmp.MD5, "SHA": gosnmp.SHA}[c.AuthProtocol]
	if !ok {
		return fmt.Errorf("authentication protocol %q: give MD5 or SHA", c.AuthProtocol)
	}
	if len(c.AuthPass) < shortestPass {
		return fmt.Errorf("the security level %s needs a password of %d characters or more", level, shortestPass)
	}
	p.AuthenticationProtocol, p.AuthenticationPassphrase = auth, c.AuthPass.Reveal()
	if level == "authNoPriv" {
		return nil
	}
	priv, ok := map[string]gosnmp.SnmpV3PrivProtocol{"": gosnmp.DES, "DES": gosnmp.DES, "AES": gosnmp.AES}[c.PrivProtocol]
	if !ok {
		return fmt.Errorf("privacy protocol %q: give DES or AES", c.PrivProtocol)
	}
	if len(c.PrivPass) < shortestPass {
		return fmt.Errorf("the security level %s needs a privacy passphrase of %d characters or more", level, shortestPass)
	}
	p.PrivacyProtocol, p.PrivacyPassphrase = priv, c.PrivPass.Reveal()
	return nil
}
