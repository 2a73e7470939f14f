package redfish

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSystem_Power(t *testing.T) {
	for name, c := range map[string]struct {
		text, err string
		want      PowerState
	}{
		"on":             {`{"PowerState":"On"}`, "", On},
		"off":            {`{"PowerState":"Off"}`, "", Off},
		"powering off":   {`{"PowerState":"PoweringOff"}`, "", PoweringOff},
		"missing":        {`{"Name":"x"}`, "PowerState is missing", ""},
		"null":           {`{"PowerState":null}`, "PowerState is not a string but null", ""},
		"number":         {`{"PowerState":0}`, "not a string but 0", ""},
		"false":          {`{"PowerState":false}`, "not a string but false", ""},
		"lower case":     {`{"PowerState":"off"}`, `is "off"`, ""},
		"with space":     {`{"PowerState":"Off "}`, `is "Off "`, ""},
		"other name":     {`{"powerstate":"Off"}`, "PowerState is missing", ""},
		"deeper":         {`{"Oem":{"PowerState":"Off"}}`, "PowerState is missing", ""},
		"array":          {`{"PowerState":["Off"]}`, "not a string", ""},
		"escaped is Off": {`{"PowerState":"\u004fff"}`, "", Off},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := parseSystem([]byte(c.text))
			require.NoError(t, err)
			have, err := s.Power()
			require.Equal(t, c.want, have)
			if c.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.err)
			}
		})
	}
}

func TestParseSystem_Broken(t *testing.T) {
	for text, want := range map[string]string{
		``:                                       "empty",
		`[]`:                                     "not a JSON object",
		`null`:                                   "not a JSON object",
		`"Off"`:                                  "not a JSON object",
		`<html>`:                                 "not a JSON object",
		`{"PowerState":"Off"`:                    "cannot be read",
		`{"PowerState":"Of`:                      "cannot be read",
		`{"PowerState":"Off"}{}`:                 "goes on",
		`{"PowerState":"Off"} x`:                 "goes on",
		`{"PowerState":"Off","PowerState":"On"}`: `"PowerState" twice`,
		`{"@odata.type":"#Chassis.v1_0.Chassis","PowerState":"Off"}`: "no ComputerSystem",
		`{"Actions":[]}`: "Actions: ",
		`{"Actions":{"#ComputerSystem.Reset":{}}}`:                                                       "target is missing",
		`{"Actions":{"#ComputerSystem.Reset":{"target":"/x","ResetType@Redfish.AllowableValues":"On"}}}`: "not an array of strings",
	} {
		_, err := parseSystem([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestChoose(t *testing.T) {
	list := func(types ...string) Allows { return Allows{true, types} }
	for name, c := range map[string]struct {
		command   Command
		allows    Allows
		want, err string
	}{
		"off":                    {TurnOff, list("On", "ForceOff", "GracefulShutdown"), "ForceOff", ""},
		"off, not said":          {TurnOff, Allows{}, "ForceOff", ""},
		"off, empty":             {TurnOff, list(), "ForceOff", ""},
		"off, graceful only":     {TurnOff, list("On", "GracefulShutdown"), "", "cannot fence"},
		"off, a button":          {TurnOff, list("PushPowerButton"), "", "cannot fence"},
		"off, nothing of use":    {TurnOff, list("On", "Nmi"), "", "none of the reset types ForceOff, but On, Nmi"},
		"off, case counts":       {TurnOff, list("forceoff"), "", "none of the reset types"},
		"on":                     {TurnOn, list("ForceOff", "ForceOn", "On"), "On", ""},
		"on, forced":             {TurnOn, list("ForceOff", "ForceOn"), "ForceOn", ""},
		"on, a button is no way": {TurnOn, list("PushPowerButton"), "", "none of the reset types"},
		"cycle":                  {Cycle, list("ForceRestart", "PowerCycle"), "PowerCycle", ""},
		"cycle by restart":       {Cycle, list("ForceRestart"), "ForceRestart", ""},
		"diag":                   {Interrupt, list("Nmi"), "Nmi", ""},
		"diag, none":             {Interrupt, list("On"), "", "Nmi"},
	} {
		t.Run(name, func(t *testing.T) {
			have, err := Choose(c.command, c.allows, On)
			require.Equal(t, c.want, have)
			if c.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.err)
			require.Equal(t, Unsupported, KindOf(err))
		})
	}
}

func TestParseComplaint(t *testing.T) {
	c := parseComplaint([]byte(`{"error":{"code":"Base.1.8.GeneralError","message":"see","@Message.ExtendedInfo":[{"MessageId":"Base.1.8.ActionNotSupported","Message":"is off"}]}}`))
	require.True(t, c.has("ActionNotSupported"))
	require.Equal(t, "ActionNotSupported, GeneralError: is off", c.String())
	require.True(t, parseComplaint([]byte(`{"@Message.ExtendedInfo":[{"MessageId":"Base.1.8.PasswordChangeRequired"}]}`)).has("PasswordChangeRequired"))
	require.Empty(t, parseComplaint([]byte(`<html>`)).String())
}

func TestParseTask(t *testing.T) {
	for text, want := range map[string]progress{
		``:                          completed,
		`{"TaskState":"Running"}`:   running,
		`{"TaskState":"Completed"}`: completed,
		`{"TaskState":"Exception"}`: failed,
		`{"TaskState":"whatever"}`:  failed,
		`{"TaskState":"Completed","TaskStatus":"Critical"}`: failed,
	} {
		have, _ := parseTask([]byte(text))
		require.Equal(t, want, have, text)
	}
}

func TestResolve(t *testing.T) {
	e, err := newExchanger(Config{Host: "bmc", Port: 443})
	require.NoError(t, err)
	for link, want := range map[string]string{
		"/redfish/v1/Systems/1":        "/redfish/v1/Systems/1",
		"/a?b=c#d":                     "/a?b=c",
		"https://bmc/a":                "/a",
		"https://bmc:443/a":            "/a",
		"https://bmc:444/a":            "",
		"http://bmc/a":                 "",
		"https://other/a":              "",
		"//other/a":                    "",
		"https://bmc//other/a":         "",
		"https://user:secret@bmc:443/": "",
		"redfish/v1":                   "",
		"":                             "",
		"javascript:x":                 "",
		"/a\r\nX: y":                   "",
	} {
		have, err := e.resolve(link)
		require.Equal(t, want, have, link)
		require.Equal(t, want == "", err != nil, link)
	}
}

// Some controllers list what makes sense in the state, such as only On for a machine
// that is off. It is told to turn off nevertheless.
func TestChoose_Off(t *testing.T) {
	have, err := Choose(TurnOff, Allows{true, []string{"On"}}, Off)
	require.NoError(t, err)
	require.Equal(t, "ForceOff", have)
	_, err = Choose(TurnOff, Allows{true, []string{"On", "GracefulShutdown"}}, Off)
	require.ErrorContains(t, err, "cannot fence")
	_, err = Choose(TurnOff, Allows{true, []string{"On"}}, On)
	require.Error(t, err)
}

// FuzzParse: nothing that a controller sends makes a parser panic, and an "Off" stands
// in the text as such.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"@odata.id":"/redfish/v1/Systems/1","PowerState":"Off","Actions":{"#ComputerSystem.Reset":{"target":"/x","ResetType@Redfish.AllowableValues":["On"]}}}`,
		`{"Members":[{"@odata.id":"/a"}],"Members@odata.count":1}`, `{"Parameters":[{"Name":"ResetType","AllowableValues":["On"]}]}`,
		`{"TaskState":"Exception","Messages":[{"Message":"x"}]}`, `{"error":{"@Message.ExtendedInfo":[{"MessageId":"a.b"}]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := parseSystem(text); err == nil {
			if p, err := s.Power(); err == nil {
				require.Contains(t, []PowerState{On, Off, PoweringOn, PoweringOff, Paused}, p)
			}
		}
		_, _ = parseActionInfo(text)
		_, _ = parseTask(text)
		_ = parseComplaint(text).String()
		if o, err := parseObject(text); err == nil {
			if uri, err := only(o); err == nil {
				e, err := newExchanger(Config{Host: "bmc", Port: 443})
				require.NoError(t, err)
				if path, err := e.resolve(uri); err == nil {
					require.Equal(t, byte('/'), path[0])
				}
			}
		}
	})
}
