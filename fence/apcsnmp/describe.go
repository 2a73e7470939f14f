// Package apcsnmp is fence_apc_snmp: outlets of power distribution units of APC and
// Tripp Lite over SNMP.
package apcsnmp

import "systole/fence/fencing"

// Agent makes the agent.
func Agent() *fencing.Agent {
	return &fencing.Agent{Description: description(), Validate: validate, Open: open}
}

func description() fencing.Description {
	return fencing.Description{
		Name: "fence_apc_snmp", Short: "Fence agent for APC, Tripplite PDU over SNMP",
		Long: `fence_apc_snmp turns outlets of switched power distribution units off and on over SNMP 1, 2c or 3: of
APC, and of Tripp Lite. Which kind a device is it says itself (sysObjectID); one that is not known is taken for
an APC MasterSwitch, whose objects all PDUs of APC have.`,
		Vendor: "https://www.apc.com",
		Links:  []fencing.Link{{Name: "fence_tripplite_snmp", Short: "Fence agent for Tripplife over SNMP"}},
		Lists:  true, NoLogin: true, NoPass: true,
		Options: options(),
		Notes: []fencing.Note{
			{Title: "Plugs", Text: `A plug is the number of an outlet, or its name as list shows it. Of a MasterSwitch Plus with several
units it is UNIT:OUTLET. A name that several outlets have is refused: a machine with two power supplies is
named by both of its plugs, as plug=3,7.`},
			{Title: "Security", Text: `Versions 1 and 2c have no secrets: whoever can read or send datagrams in that network can turn machines
off. Use version 3 with snmp_sec_level=authPriv where the device has it. In versions 1 and 2c a wrong community
gets no answer at all.`},
		},
	}
}

func options() []fencing.Option {
	list := fencing.Standard("ip", "ipport", "username", "password", "password_script", "plug", "snmp_version", "community",
		"snmp_auth_prot", "snmp_sec_level", "snmp_priv_prot", "snmp_priv_passwd", "snmp_priv_passwd_script")
	for i := range list {
		o := &list[i]
		switch o.Name {
		case "ipport":
			o.Default = "161"
		case "username":
			o.Text = "Of SNMP version 3."
		case "password":
			o.Text = "The authentication passphrase of SNMP version 3. Give it on standard input, in the environment as\nFENCE_PASSWORD, or by password_script."
		case "plug":
			o.Short = "Number or name of the outlet"
		case "snmp_version":
			o.Default = "1"
		case "community":
			o.Default = "private"
		case "snmp_sec_level":
			o.Text = "Default: the highest that there are passphrases for."
		}
	}
	for _, tool := range []string{"snmpget", "snmpset", "snmpwalk"} {
		list = append(list, fencing.Option{
			Name: tool + "_path", Word: "path", Default: "/usr/bin/" + tool, Short: "Path to " + tool + " command",
			Ignored: "SNMP is part of the agent",
		})
	}
	return list
}

func validate(v *fencing.Values) []string {
	var list []string
	if v.String("snmp_version") == "3" && v.String("username") == "" {
		list = append(list, "snmp_version=3 needs a username")
	}
	if v.String("snmp_version") != "3" && v.Given("snmp_priv_passwd") {
		list = append(list, "snmp_priv_passwd needs snmp_version=3: it would not be used")
	}
	return list
}
