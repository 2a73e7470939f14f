package ocf

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBoolean(t *testing.T) {
	for text, want := range map[string]string{
		"yes": "true", "true": "true", "1": "true", "YES": "true", "TRUE": "true", "True": "true", "ja": "true",
		"on": "true", "ON": "true", "y": "true",
		"no": "false", "false": "false", "0": "false", "off": "false", "OFF": "false", "nein": "false",
		"ture": "neither", "2": "neither", "": "neither", "yes ": "neither",
	} {
		value, ok := parseBoolean(text)
		got := fmt.Sprint(value)
		if !ok {
			got = "neither"
		}
		require.Equal(t, want, got, "%q", text)
	}
}

func TestTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "20": 20 * time.Second, "20s": 20 * time.Second, "20sec": 20 * time.Second, "500ms": 500 * time.Millisecond,
		"7us": 7 * time.Microsecond, "2m": 2 * time.Minute, "2min": 2 * time.Minute, "1h": time.Hour, "1hr": time.Hour,
		"0.5": 500 * time.Millisecond, "1.5min": 90 * time.Second, "010": 10 * time.Second, "3 s": 3 * time.Second, "-1": -time.Second,
	} {
		got, ok := parseTime(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, got, "%q", text)
	}
	for _, text := range []string{"", "s", "20x", "1e3", "abc", "20s20", "99999999999999999999", "9223372036854775807h", "0x10", "1.2.3", "1d"} {
		_, ok := parseTime(text)
		require.False(t, ok, "%q", text)
	}
}

func TestInteger(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "010": 10, "-5": -5, "+7": 7} {
		got, ok := parseInteger(text)
		require.True(t, ok && got == want, "%q", text)
	}
	for _, text := range []string{"", "0x10", "1_000", "1.0", "ten", "9223372036854775808", " 1"} {
		_, ok := parseInteger(text)
		require.False(t, ok, "%q", text)
	}
}

// Whatever a parameter is set to, reading it gives a value or an error.
func TestValuesNeverPanic(t *testing.T) {
	d := &Description{Name: "X", Params: []Param{
		{Name: "i", Type: Integer},
		{Name: "b", Type: Boolean},
		{Name: "t", Type: Time},
		{Name: "s"},
		{Name: "w", Type: Select, Options: []string{"a", "b"}},
	}}
	rapid.Check(t, func(t *rapid.T) {
		var env []string
		for _, p := range d.Params {
			text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-+]?[0-9.]{1,20}(ms|s|min)?`)).Draw(t, p.Name)
			env = append(env, "OCF_RESKEY_"+p.Name+"="+text)
		}
		v, err := ReadValues(d, ReadRequest("X", "start", env))
		if err != nil {
			var f *Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, ErrConfigured, f.Code)
			return
		}
		require.GreaterOrEqual(t, v.Time("t"), time.Duration(0))
		_, _, _, _ = v.Int("i"), v.Bool("b"), v.String("s"), v.String("w")
	})
}

func testDescription() *Description {
	return &Description{
		Name: "X", Version: "1", Short: "Test", Long: "Test.",
		Params: []Param{
			{Name: "state", Default: "${HA_RSCTMP}/X-${OCF_RESOURCE_INSTANCE}.state", Short: "State", UniqueGroup: "state"},
			{Name: "port", Type: Integer, Required: true, Limits: &Limits{1, 65535}, Short: "Port"},
			{Name: "wait", Type: Time, Default: "5", Limits: &Limits{0, 60}, Short: "Wait"},
			{Name: "mode", Type: Select, Options: []string{"a", "b"}, Default: "a", Short: "Mode", Reloadable: true},
			{Name: "on", Type: Boolean, Default: "no", Short: "On"},
			{Name: "password", Secret: true, Short: "Password"},
		},
		Actions: []Action{{Name: "start", Timeout: 20 * time.Second}, {Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second}},
	}
}

func TestReadValues(t *testing.T) {
	read := func(env ...string) (Values, error) {
		return ReadValues(testDescription(), ReadRequest("X", "start", env))
	}
	v, err := read("OCF_RESOURCE_INSTANCE=r:0", "OCF_RESKEY_port= 80 ", "OCF_RESKEY_wait=", "OCF_RESKEY_password=s3")
	require.NoError(t, err)
	require.Equal(t, "/run/resource-agents/X-r.state", v.String("state"), "an anonymous clone has one name")
	require.EqualValues(t, 80, v.Int("port"))
	require.Equal(t, 5*time.Second, v.Time("wait"), "an empty parameter has its default")
	require.Equal(t, "a", v.String("mode"))
	require.False(t, v.Bool("on"))
	require.Equal(t, "s3", v.Secret("password").Reveal())
	require.Equal(t, []string{"s3"}, testDescription().Secrets(ReadRequest("X", "start", []string{"OCF_RESKEY_password=s3"})))
	require.True(t, v.Given("mode"))
	require.Empty(t, v.Unread())
	require.Panics(t, func() { v.Int("mode") })
	require.Panics(t, func() { v.String("unheard") })

	v, err = read("OCF_RESOURCE_INSTANCE=r:3", "OCF_RESKEY_port=80", "OCF_RESKEY_CRM_meta_globally_unique=true")
	require.NoError(t, err)
	require.Equal(t, "/run/resource-agents/X-r:3.state", v.String("state"))

	for env, want := range map[string]string{
		"OCF_RESKEY_port=":      "parameter port is not set: it is required",
		"OCF_RESKEY_port=http":  `parameter port "http" is not an integer: give a decimal number`,
		"OCF_RESKEY_port=70000": `parameter port "70000" is out of range: give 1 to 65535`,
		"OCF_RESKEY_wait=soon":  `parameter wait "soon" is not a time: give seconds, or a number with a unit as in 20s, 500ms, 2min`,
		"OCF_RESKEY_wait=2min":  `parameter wait "2min" is out of range: give 0 to 60 seconds`,
		"OCF_RESKEY_mode=c":     `parameter mode "c" is not one of a, b`,
		"OCF_RESKEY_on=maybe":   `parameter on "maybe" is neither true nor false: give yes or no`,
	} {
		_, err := read("OCF_RESKEY_port=80", env)
		require.EqualError(t, err, want)
	}
	_, err = read("OCF_RESKEY_port=x", "OCF_RESKEY_mode=c")
	require.ErrorContains(t, err, "; ", "all problems are named")

	d := testDescription()
	d.Params[5].Type = Integer
	_, err = ReadValues(d, ReadRequest("X", "start", []string{"OCF_RESKEY_port=1", "OCF_RESKEY_password=hush"}))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hush")
}

func TestSecretHides(t *testing.T) {
	s := struct{ P Secret }{"hush"}
	js, err := json.Marshal(s)
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), fmt.Sprintf("%q", s.P), fmt.Sprintf("%x", s.P), string(js)} {
		require.NotContains(t, text, "hush")
		require.NotContains(t, text, "68757368")
		require.Contains(t, text, "***")
	}
	require.Empty(t, fmt.Sprint(Secret("")))
	require.Equal(t, "hush", strings.TrimSpace(s.P.Reveal()))
}
