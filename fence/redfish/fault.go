package redfish

import (
	"systole/fence/fencing"
	"systole/lib/redfish"
)

// kinds is a table: what a failure of the controller is to fencing, and what there is
// to do about it.
var kinds = map[redfish.Kind]struct {
	kind fencing.Kind
	hint string
}{
	redfish.Protocol:    {fencing.NoStatus, ""},
	redfish.BadConfig:   {fencing.Usage, ""},
	redfish.Credentials: {fencing.LoginDenied, ": check username and password"},
	redfish.Password:    {fencing.LoginDenied, ""},
	redfish.Forbidden:   {fencing.Privileges, ": give the user the role Operator"},
	redfish.NoSession:   {fencing.TimedOut, ""},
	redfish.Expired:     {fencing.ConnectionLost, ""},
	redfish.Certificate: {fencing.LoginDenied, ": give the certificate of the controller, or of its signer, as ca_file (or do without its proof: ssl_insecure=1)"},
	redfish.NotRedfish:  {fencing.NoStatus, ": check ip, ipport, ssl and redfish_uri"},
	redfish.NoAnswer:    {fencing.ConnectionLost, ""},
	redfish.NoSystem:    {fencing.Usage, ": set systems_uri"},
	redfish.Missing:     {fencing.NoStatus, ": check redfish_uri and systems_uri"},
	redfish.Refused:     {fencing.Refused, ""},
	redfish.Already:     {fencing.Refused, ""},
	redfish.Busy:        {fencing.TimedOut, ""},
	redfish.Unsupported: {fencing.Usage, ""},
}

func fault(err error) error {
	if err == nil {
		return nil
	}
	k := kinds[redfish.KindOf(err)]
	return fencing.Errorf(k.kind, "%w%s", err, k.hint)
}
