package ipmilan

import "systole/fence/fencing"

// native is why options of the program ipmitool do nothing.
const native = "the agent speaks IPMI itself and runs no program"

func description() fencing.Description {
	return fencing.Description{
		Name: "fence_ipmilan", Short: "Fence agent for IPMI",
		Long: `fence_ipmilan turns a machine off and on through its baseboard management controller (BMC), which it
asks over the network by IPMI. It needs no other program; the password is in the arguments of none.

Success of off and reboot means that the BMC has taken the command and has shown the machine off for a
second or more after it, in answers that belong to the questions in all that the protocol can prove.`,
		NoLogin: true, NoPass: true, Diag: true,
		Links: []fencing.Link{
			{Name: "fence_ilo3", Short: "Fence agent for HP iLO3", Defaults: map[string]string{"lanplus": "1", "power_wait": "4"}},
			{Name: "fence_ilo4", Short: "Fence agent for HP iLO4", Defaults: map[string]string{"lanplus": "1"}},
			{Name: "fence_ilo5", Short: "Fence agent for HP iLO5", Defaults: map[string]string{"lanplus": "1"}},
			{Name: "fence_ipmilanplus", Short: "Fence agent for IPMIv2 lanplus", Defaults: map[string]string{"lanplus": "1"}},
			{Name: "fence_imm", Short: "Fence agent for IBM Integrated Management Module"},
			{Name: "fence_idrac", Short: "Fence agent for Dell iDRAC"},
		},
		Options: append(standardOptions(), ownOptions()...),
		Notes: []fencing.Note{
			{Title: "IPMI 1.5 and 2.0", Text: `Without lanplus=1 the protocol is IPMI 1.5, as with the stock agent: answers are proven by MD5, if the
BMC has it. Use lanplus=1 wherever the BMC can: with it they are proven by a key of the session.`},
			{Title: "The operating system", Text: `A BMC turns power off at once, unless the operating system is told to shut down first: keep it from
acting on the power button (HandlePowerKey=ignore in logind.conf, no acpid).`},
		},
	}
}

func standardOptions() []fencing.Option {
	list := fencing.Standard("ip", "ipport", "username", "password", "password_script", "method", "plug", "port_as_ip", "power_wait")
	for i := range list {
		switch o := &list[i]; o.Name {
		case "ip":
			o.Required = false
		case "ipport":
			o.Default = "623"
		case "plug":
			o.Required, o.Word = false, "ip"
			o.Short = "IP address or hostname of fencing device (together with --port-as-ip)"
		case "power_wait":
			o.Default = "2"
		}
	}
	return list
}

func ownOptions() []fencing.Option {
	return []fencing.Option{
		{
			Name: "auth", Letter: 'A', Word: "auth", Type: fencing.Select, Choices: []string{"md5", "password", "none"}, Short: "IPMI Lan Auth type.",
			Text: "For IPMI 1.5. By default md5, or password if the BMC does not have it. With password it is sent\nreadable in every packet; with none nothing is proven.",
		},
		{
			Name: "cipher", Letter: 'C', Word: "cipher", Short: "Ciphersuite to use (same as ipmitool -C parameter)",
			Text: "For IPMI 2.0: 17, 3, 16 or 2. By default 17, or 3 if the BMC does not have it. Suites in which\nanswers are not proven, such as 0, are refused.",
		},
		{
			Name: "hexadecimal_kg", Word: "key", Secret: true, Short: "Hexadecimal-encoded Kg key for IPMIv2 authentication",
			Text: "Up to 40 digits. Needs lanplus.",
		},
		{
			Name: "lanplus", Letter: 'P', Type: fencing.Boolean, Default: "0", Short: "Use Lanplus to improve security of connection",
			Text: "1 is IPMI 2.0, 0 is IPMI 1.5.",
		},
		{
			Name: "privlvl", Letter: 'L', Word: "level", Type: fencing.Select, Choices: []string{"callback", "user", "operator", "administrator"}, Default: "administrator",
			Short: "Privilege level on IPMI device", Text: "operator is enough for fencing.",
		},
		{
			Name: "target", Word: "targetaddress", Short: "Bridge IPMI requests to the remote target address",
			Text: "Only 0x20, the BMC itself, is supported.",
		},
		{
			Name: "ipmitool_timeout", Word: "timeout", Type: fencing.Second, Default: "2", Limits: &fencing.Limits{Min: 0, Max: 60}, Short: "Timeout (sec) for IPMI operation",
			Text: "How long an answer is waited for until the question is sent again.",
		},
		{Name: "ipmitool_path", Word: "path", Default: "/usr/bin/ipmitool", Ignored: native, Short: "Path to ipmitool binary"},
		{Name: "use_sudo", Old: []string{"sudo"}, Type: fencing.Boolean, Ignored: native, Short: "Use sudo (without password) when calling 3rd party software"},
		{Name: "sudo_path", Word: "path", Default: "/usr/bin/sudo", Ignored: native, Short: "Path to sudo binary"},
	}
}
