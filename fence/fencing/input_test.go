package fencing

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInput_Table(t *testing.T) {
	d := simDescription()
	d.NoPass, d.NoLogin = false, false
	for name, c := range map[string]struct {
		lines string   // of standard input, or
		args  []string // the command line
		want  string   // NAME=VALUE of what was read
		warn  string
		err   string
	}{
		"as Pacemaker does":   {lines: "action=off\nip=10.0.0.1\nusername=u\npassword=p\nnodename=n1\nplug=n1\n", want: "action=off ip=10.0.0.1 username=u password=p plug=n1"},
		"old names":           {lines: "ipaddr=b\nlogin=u\npasswd=p\n", want: "ip=b username=u password=p action=reboot"},
		"dashes":              {lines: "ip=b\nusername=u\npassword-script=x\npower-wait=3\n", want: "password_script=x power_wait=3"},
		"comment and quotes":  {lines: " # ip=x\n\n ip = \"b\" \nusername=u\npassword=\"a\"b\"\n", want: `ip=b password=a"b`},
		"last counts":         {lines: "ip=a\nip=b\nusername=u\npassword=p\n", want: "ip=b"},
		"equals in a value":   {lines: "ip=b\nusername=u\npassword=a=b=\n", want: "password=a=b="},
		"unknown":             {lines: "ip=b\nusername=u\npassword=p\npasswort=geheim\n", want: "ip=b", warn: "unknown option passwort"},
		"empty is none":       {lines: "ip=b\nusername=u\npassword=p\npower_wait=\nmethod=\n", want: "power_wait=0 method=onoff"},
		"truth":               {lines: "ip=b\nusername=u\npassword=p\nverbose=yes\ndisable_timeout=TRUE\n", want: "verbose=1 disable_timeout=1 verbose_level=1"},
		"case of a choice":    {lines: "ip=b\nusername=u\npassword=p\nmethod=CYCLE\naction=ReBoot\n", want: "method=cycle action=reboot"},
		"meta-data":           {lines: "action=meta-data\nip=b\nusername=u\npassword=p\n", want: "action=metadata"},
		"plug as ip":          {lines: "port_as_ip=1\nplug=b\nusername=u\npassword=p\n", want: "ip=b"},
		"nothing given":       {lines: "", err: "username is missing: give the login name of the device; ip is missing: give the address of the device; password is missing"},
		"bad values":          {lines: "ip=b\nusername=u\npassword=p\nmethod=x\npower_wait=-1\nretry_on=y\nquiet=maybe\n", err: `method "x" is not one of onoff, cycle`},
		"bad action":          {lines: "ip=b\nusername=u\npassword=p\naction=explode\n", err: `action "explode" is not known: give one of on, off, reboot`},
		"letters":             {args: []string{"-o", "off", "-ab", "-l", "u", "-pgeheim", "-vvv"}, want: "action=off ip=b username=u password=geheim verbose_level=3"},
		"long":                {args: []string{"--action=status", "--ip", "b", "--username=u", "--password=p"}, want: "action=status ip=b"},
		"shortened":           {args: []string{"--act=status", "--ip=b", "--usern=u", "--passwor=p", "--meth", "cycle"}, err: "--passwor is ambiguous: it could be --password or --password-script"},
		"shortened, whole":    {args: []string{"--act=status", "--ip=b", "--usern=u", "--password=p", "--meth", "cycle"}, want: "method=cycle"},
		"flag with a value":   {args: []string{"-ab", "-lu", "-pp", "--disable-timeout=true", "--quiet"}, want: "disable_timeout=1 quiet=1"},
		"no value":            {args: []string{"-ab", "--method"}, err: "option --method needs a value"},
		"unknown option":      {args: []string{"--nonsense"}, err: "option --nonsense is not known"},
		"unknown letter":      {args: []string{"-Y"}, err: "option -Y is not known"},
		"stray":               {args: []string{"-ab", "-lu", "-pp", "off"}, want: "action=reboot", warn: "1 arguments that are no options"},
		"end of options":      {args: []string{"-ab", "-lu", "-pp", "--", "-o", "off"}, want: "action=reboot", warn: "2 arguments"},
		"plug without as-ip":  {args: []string{"-ab", "-lu", "-pp", "-n", "3"}, err: "this device has no plugs"},
		"plug with port-as":   {args: []string{"-nb", "-lu", "-pp", "--port-as-ip"}, want: "ip=b"},
		"too long":            {lines: strings.Repeat("#\n", 20000), err: "standard input is longer"},
		"line end in a value": {args: []string{"-ab\nc", "-lu", "-pp"}, err: "holds a line end"},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := d.ReadLines(c.lines)
			if c.args != nil {
				in, err = d.ReadArgs(c.args)
			}
			var v Values
			if err == nil {
				v, err = d.Values(in)
			}
			if err == nil {
				err = v.Need()
			}
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				require.Equal(t, Usage, KindOf(err))
				require.NotContains(t, err.Error(), "geheim")
				return
			}
			require.NoError(t, err)
			for pair := range strings.FieldsSeq(c.want) {
				k, want, _ := strings.Cut(pair, "=")
				require.Equal(t, want, v.text[k], k)
			}
			require.Contains(t, strings.Join(in.Warnings, "\n"), c.warn)
			require.NotContains(t, strings.Join(in.Warnings, "\n"), "geheim")
		})
	}
}

// FuzzReadLines: whatever stands on standard input, it is read or refused with words.
func FuzzReadLines(f *testing.F) {
	f.Add("action=off\nip=b\n", "-o\x00off")
	f.Add("plug=a,b,,c\nplug_separator=\n", "--plug\x00a\x00--act")
	f.Fuzz(func(t *testing.T, text, args string) {
		d := simDescription()
		for _, read := range []func() (Input, error){
			func() (Input, error) { return d.ReadLines(text) },
			func() (Input, error) { return d.ReadArgs(strings.Split(args, "\x00")) },
		} {
			in, err := read()
			if err != nil {
				require.NotEmpty(t, err.Error())
				continue
			}
			v, err := d.Values(in)
			if err != nil {
				continue
			}
			require.Contains(t, d.Actions(), v.Action())
			_ = v.Need()
			require.GreaterOrEqual(t, v.Time("power_wait"), time.Duration(0))
		}
	})
}

func TestPlugs(t *testing.T) {
	d := Description{Name: "fence_x", Options: Standard("ip", "plug")}
	for text, want := range map[string][]string{
		"1": {"1"}, "1,2": {"1", "2"}, " 1 , 2 ": {"1", "2"}, "2,2,1": {"2", "1"}, "": {""}, ",": nil,
	} {
		v, err := d.Values(Input{Given: map[string]string{"plug": text, "ip": "x"}})
		require.NoError(t, err)
		require.Equal(t, want, v.Plugs(), text)
	}
	v, _ := d.Values(Input{Given: map[string]string{"plug": ",", "ip": "x"}})
	require.ErrorContains(t, v.Need(), "plug holds no name")
	v, _ = d.Values(Input{Given: map[string]string{"ip": "x"}})
	require.ErrorContains(t, v.Need(), "plug is missing")
}

// TestValues_Separator: an empty separator is one name, not a split into letters.
func TestValues_Separator(t *testing.T) {
	d := Description{Name: "fence_x", Options: Standard("plug")}
	v, err := d.Values(Input{Given: map[string]string{"plug": "a;b", "plug_separator": ";"}})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, v.Plugs())
}
