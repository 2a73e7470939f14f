package openstack

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/require"

	"systole/lib/openstack/api"
)

// endpoint is a service that answers as f says.
func endpoint(t *testing.T, f http.HandlerFunc) *gophercloud.ServiceClient {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return &gophercloud.ServiceClient{
		ProviderClient: &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: &wire{next: &http.Transport{}}}}, Endpoint: s.URL + "/",
	}
}

// items lists what has an ID.
func items(ctx context.Context, sc *gophercloud.ServiceClient) (ids []string, err error) {
	err = pages(ctx, sc, sc.Endpoint+"things", "things", url.Values{}, func(raw json.RawMessage) (marker string, err error) {
		var list []struct{ ID string }
		err = json.Unmarshal(raw, &list)
		for _, i := range list {
			ids, marker = append(ids, i.ID), i.ID
		}
		return marker, err
	})
	return ids, err
}

func TestPages(t *testing.T) {
	const more = `, "things_links": [{"rel": "next", "href": "http://192.0.2.1/"}]}`
	for name, c := range map[string]struct {
		byMarker map[string]string
		want     string
		err      string
	}{
		"one":                      {byMarker: map[string]string{"": `{"things": [{"id": "a"}, {"id": "b"}]}`}, want: "[a b]"},
		"none":                     {byMarker: map[string]string{"": `{"things": []}`}, want: "[]"},
		"two":                      {byMarker: map[string]string{"": `{"things": [{"id": "a"}]` + more, "a": `{"things": [{"id": "b"}]}`}, want: "[a b]"},
		"the last one has no name": {byMarker: map[string]string{"": `{"things": [{"id": "a"}, {"id": ""}]` + more}, err: "has more pages"},
		"a service without pages":  {byMarker: map[string]string{"": `{"things": [{"id": "a"}]` + more, "a": `{"things": [{"id": "a"}]` + more}, err: "more than 200 pages"},
		"another list":             {byMarker: map[string]string{"": `{"others": []}`}, err: `no member "things"`},
		"no list":                  {byMarker: map[string]string{"": `{"things": 7}`}, err: "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			sc := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, c.byMarker[r.FormValue("marker")])
			})
			ids, err := items(t.Context(), sc)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, fmt.Sprint(ids))
		})
	}
}

// An answer without end is an error.
func TestLimits_Answer(t *testing.T) {
	sc := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"things": "`)
		for part := []byte(strings.Repeat("x", 1<<20)); r.Context().Err() == nil; {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	})
	_, err := items(t.Context(), sc)
	require.ErrorContains(t, err, "has more than 67108864 bytes")
}

func TestMessage(t *testing.T) {
	for body, want := range map[string]string{
		"": "no text",
		`{"badRequest": {"code": 400, "message": "in  use\n"}}`:                        "in use",
		`{"error": {"title": "x"}, "z": {"message": "last"}, "a": {"message": "one"}}`: "one",
		"<html>bad gateway</html>":                                                     "<html>bad gateway</html>",
	} {
		for range 20 { // an object has no order
			require.Equal(t, want, message([]byte(body)))
		}
	}
}

// FuzzMessage: whatever a service says of its trouble, it is told in one short line.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"itemNotFound": {"message": "x"}}`))
	f.Add([]byte("\xff\xfe" + strings.Repeat("é", 300)))
	f.Fuzz(func(t *testing.T, body []byte) {
		text := message(body)
		control := func(r rune) bool { return !unicode.IsPrint(r) }
		if text == "" || len(text) > 403 || strings.ContainsFunc(text, control) || !utf8.ValidString(text) {
			t.Fatalf("%q", text)
		}
	})
}

// FuzzMigrations: what nova sends is read or refused.
func FuzzMigrations(f *testing.F) {
	f.Add([]byte(`[{"uuid": "a", "migration_type": "evacuation", "status": "done", "created_at": "2026-01-02T03:04:05.000000", "dest_compute": null}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var list []migration
		if json.Unmarshal(raw, &list) != nil {
			return
		}
		for _, m := range list {
			if r := m.record(); r.Status == "" && r.Outcome() != api.InFlight {
				t.Fatalf("%+v has ended", r)
			}
		}
	})
}

// FuzzMicroversion: a version is one that can be asked for.
func FuzzMicroversion(f *testing.F) {
	f.Add("2.93")
	f.Add("2.-1")
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := parseMicroversion(text)
		if again, stable := parseMicroversion(v.String()); ok && (!stable || again != v) {
			t.Fatalf("%q: %s", text, v)
		}
	})
}

func TestCut(t *testing.T) {
	require.Equal(t, "short", cut("short"))
	long := cut(strings.Repeat("é", 200))
	require.Equal(t, strings.Repeat("é", 127), long, "255 bytes end in the middle of a character")
}

// A request that never left is told from one of which nobody knows.
func TestUnderstand(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	sc := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = c.Close() // it was read, and is not answered
		}
	})
	_, err = items(t.Context(), sc)
	require.Error(t, err)
	require.False(t, api.Refused(err), err)
	sc.Endpoint = "http://" + address + "/"
	_, err = items(t.Context(), sc)
	require.ErrorIs(t, err, api.ErrNotSent)
}

// A login that fails leaves no connection.
func TestDial_Refused(t *testing.T) {
	closed := make(chan struct{}, 100)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error": {"message": "no such user"}}`)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	s.Start()
	defer s.Close()
	_, err := Dial(t.Context(), api.Credentials{AuthURL: s.URL + "/v3", Username: "u", Password: "hush", Project: "p"})
	require.ErrorIs(t, err, api.ErrUnauthorized)
	require.ErrorContains(t, err, "no such user")
	require.NotContains(t, err.Error(), "hush")
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Fatal("the connection is kept")
	}
}

func TestReadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	write := func(text string, mode os.FileMode) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chmod(path, mode))
	}
	write("hush\n", 0o640)
	secret, err := readSecret(path)
	require.NoError(t, err)
	require.Equal(t, "hush", string(secret))
	write("hush", 0o644)
	_, err = readSecret(path)
	require.ErrorContains(t, err, "chmod 600")
	write(strings.Repeat("x", maxSecret+1), 0o600)
	_, err = readSecret(path)
	require.ErrorContains(t, err, "more than 4096 bytes")
	write("\n", 0o600)
	_, err = readSecret(path)
	require.ErrorContains(t, err, "is empty")
	require.NoError(t, os.Remove(path))
	_, err = readSecret(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	_, err = readSecret(path)
	require.ErrorContains(t, err, "no regular file")
}
