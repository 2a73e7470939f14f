package fencing

// standard is a table: options as fence-agents' library names them, with its letters,
// defaults and order.
var standard = []Option{
	{Name: "action", Letter: 'o', Word: "action", Default: "reboot", Required: true, order: 1, Short: "Fencing action"},
	{Name: "ip", Old: []string{"ipaddr"}, Letter: 'a', Word: "ip", Required: true, order: 1, Short: "IP address or hostname of fencing device"},
	{Name: "ipport", Letter: 'u', Word: "port", Type: Integer, Limits: &Limits{1, 65535}, order: 1, Short: "TCP/UDP port to use for connection with device"},
	{Name: "username", Old: []string{"login"}, Letter: 'l', Word: "name", order: 1, Short: "Login name"},
	{
		Name: "password", Old: []string{"passwd"}, Letter: 'p', Word: "password", Secret: true, order: 1, Short: "Login password or passphrase",
		Text: "On a command line every user of the machine can read it: give it on standard input, in the\nenvironment as FENCE_PASSWORD, or by password_script.",
	},
	{Name: "password_script", Old: []string{"passwd_script"}, Letter: 'S', Word: "script", order: 1, Short: "Script to run to retrieve password"},
	{
		Name: "plug", Old: []string{"port"}, Letter: 'n', Word: "id", Required: true, order: 1,
		Short: "Physical plug number on device, UUID or identification of machine",
	},
	{
		Name: "method", Letter: 'm', Word: "method", Type: Select, Choices: []string{"onoff", "cycle"}, Default: "onoff", order: 1, Short: "Method to fence",
		Text: "onoff turns the machine off, makes sure of it, and turns it on. cycle has the device do both; the\nmachine must be seen off in between, or it is turned off and on as by onoff.",
	},
	{Name: "ssl", Letter: 'z', Type: Boolean, order: 1, Short: "Use SSL connection with verifying certificate"},
	{Name: "ssl_insecure", Type: Boolean, order: 1, Short: "Use SSL connection without verifying certificate"},
	{Name: "ssl_secure", Type: Boolean, order: 1, Short: "Use SSL connection with verifying certificate"},
	{Name: "snmp_version", Letter: 'd', Word: "version", Type: Select, Choices: []string{"1", "2c", "3"}, order: 1, Short: "Specifies SNMP version to use"},
	{Name: "community", Letter: 'c', Word: "community", Secret: true, order: 1, Short: "Set the community string"},
	{Name: "snmp_auth_prot", Letter: 'b', Word: "prot", Type: Select, Choices: []string{"MD5", "SHA"}, order: 1, Short: "Set authentication protocol"},
	{Name: "snmp_sec_level", Letter: 'E', Word: "level", Type: Select, Choices: []string{"noAuthNoPriv", "authNoPriv", "authPriv"}, order: 1, Short: "Set security level"},
	{Name: "snmp_priv_prot", Letter: 'B', Word: "prot", Type: Select, Choices: []string{"DES", "AES"}, order: 1, Short: "Set privacy protocol"},
	{Name: "snmp_priv_passwd", Letter: 'P', Word: "pass", Secret: true, order: 1, Short: "Set privacy protocol password"},
	{Name: "snmp_priv_passwd_script", Letter: 'R', Word: "script", order: 1, Short: "Script to run to retrieve privacy password"},
	{
		Name: "evidence", Word: "file", order: 49, Short: "Append what was seen of the device, a line of JSON, to this file",
		Text: "The line names the action, the device and the plug, every command and every state that was seen, with\ntimes, and the result. - is standard error. Stock agents do not have this option.",
	},
	{Name: "quiet", Letter: 'q', Type: Boolean, order: 50, Short: "Disable logging to stderr. Does not affect --verbose or --debug-file or logging to syslog."},
	{Name: "verbose", Letter: 'v', Type: Boolean, order: 51, Short: "Verbose mode. Multiple -v flags can be stacked on the command line (e.g., -vvv) to increase verbosity."},
	{
		Name: "verbose_level", Word: "level", Type: Integer, Limits: &Limits{0, 9}, order: 52,
		Short: "Level of debugging detail in output. Defaults to the number of --verbose flags specified on the command line, or to 1 if verbose=1 on standard input.",
	},
	{Name: "debug_file", Old: []string{"debug"}, Letter: 'D', Word: "debugfile", order: 53, Short: "Write debug information to given file"},
	{Name: "version", Letter: 'V', Type: Boolean, order: 54, Short: "Display version information and exit"},
	{Name: "help", Letter: 'h', Type: Boolean, order: 55, Short: "Display help and exit"},
	{Name: "plug_separator", Word: "char", Default: ",", order: 100, Short: "Separator for plug parameter when specifying more than 1 plug"},
	{Name: "separator", Letter: 'C', Word: "char", Default: ",", order: 100, Short: "Separator for CSV created by 'list' operation"},
	{Name: "delay", Word: "seconds", Type: Second, Default: "0", order: 200, Short: "Wait X seconds before fencing is started"},
	{Name: "disable_timeout", Word: "true/false", Type: Boolean, order: 200, Short: "Disable timeout (true/false) (default: true when run from Pacemaker 2.0+)"},
	{Name: "login_timeout", Word: "seconds", Type: Second, Default: "5", order: 200, Short: "Wait X seconds for cmd prompt after login"},
	{Name: "port_as_ip", Type: Boolean, order: 200, Short: `Make "port/plug" to be an alias to IP address`},
	{Name: "power_timeout", Word: "seconds", Type: Second, Default: "20", order: 200, Short: "Test X seconds for status change after ON/OFF"},
	{
		Name: "power_wait", Word: "seconds", Type: Second, Default: "0", order: 200, Short: "Wait X seconds after issuing ON/OFF",
		Text: "Success is not reported earlier. The state is watched meanwhile.",
	},
	{Name: "shell_timeout", Word: "seconds", Type: Second, Default: "3", order: 200, Short: "Wait X seconds for cmd prompt after issuing command"},
	{
		Name: "stonith_status_sleep", Word: "seconds", Type: Second, Default: "1", order: 200, Short: "Sleep X seconds between status calls during a STONITH action",
		Text: "While power_wait lasts, and to make sure of a state, the device is asked every quarter of a second.",
	},
	{Name: "retry_on", Word: "attempts", Type: Integer, Limits: &Limits{0, 1000}, Default: "1", order: 201, Short: "Count of attempts to retry power on"},
}

// common is a table: the options that every agent has.
var common = []string{
	"action", "evidence", "quiet", "verbose", "verbose_level", "debug_file", "version", "help", "plug_separator", "delay", "disable_timeout",
	"login_timeout", "power_timeout", "power_wait", "shell_timeout", "stonith_status_sleep", "retry_on",
}
