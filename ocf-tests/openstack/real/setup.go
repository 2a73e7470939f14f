package real

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
)

// setUp makes the databases and what is in them, starts everything, and keeps the
// state for later runs.
func (l *Lab) setUp(ctx context.Context) error {
	l.log("setting up the databases: this takes minutes, once")
	if err := l.startDatabase(ctx); err != nil {
		return err
	}
	if err := l.schemas(ctx); err != nil {
		return err
	}
	if err := l.startAboveDatabase(ctx); err != nil {
		return err
	}
	if err := l.logIn(ctx); err != nil {
		return err
	}
	if err := l.register(ctx); err != nil {
		return err
	}
	if err := l.startServices(ctx); err != nil {
		return err
	}
	if err := l.ready(ctx); err != nil {
		return err
	}
	if err := l.image(ctx); err != nil {
		return err
	}
	l.Stop()
	if err := os.RemoveAll(l.path("state/rabbit")); err != nil {
		return err
	}
	if err := l.run(ctx, "seed", "cp", "-a", l.path("state"), l.path("seed.new")); err != nil {
		return err
	}
	if err := os.Rename(l.path("seed.new"), l.path("seed")); err != nil {
		return err
	}
	if err := l.configure(); err != nil { // makes the folders that were removed
		return err
	}
	return l.startAll(ctx)
}

// schemas makes the databases, those of different services at once.
func (l *Lab) schemas(ctx context.Context) error {
	var sql strings.Builder
	for _, name := range []string{"keystone", "placement", "nova", "nova_api", "nova_cell0", "glance", "cinder"} {
		fmt.Fprintf(&sql, "CREATE DATABASE %s CHARACTER SET utf8;", name)
	}
	if err := l.run(ctx, "mysql", "mariadb", "--no-defaults", "-uroot", "-S"+l.path("mysql.sock"), "-e", sql.String()); err != nil {
		return err
	}
	etc := func(name string) string { return l.path("etc", name+".conf") }
	unpacked := func(program, conf string, args ...string) []string {
		return append([]string{"/usr/bin/python3", l.path("x/usr/bin", program), "--config-file", etc(conf)}, args...)
	}
	identity := func(args ...string) []string {
		return append([]string{"/usr/bin/keystone-manage", "--config-file", etc("keystone")}, args...)
	}
	url := l.url("keystone", "/v3")
	var all sync.WaitGroup
	var mu sync.Mutex
	var first error
	for name, commands := range map[string][][]string{
		"keystone": {
			identity("fernet_setup", "--keystone-user", "root", "--keystone-group", "root"),
			identity("credential_setup", "--keystone-user", "root", "--keystone-group", "root"),
			identity("db_sync"),
			identity("bootstrap", "--bootstrap-password", password, "--bootstrap-region-id", "RegionOne", "--bootstrap-public-url", url, "--bootstrap-internal-url", url, "--bootstrap-admin-url", url),
		},
		"placement": {{"/usr/bin/python3", l.path("lib/placement_sync.py"), etc("placement")}},
		"glance":    {unpacked("glance-manage", "glance", "db_sync")},
		"cinder":    {unpacked("cinder-manage", "cinder", "db", "sync")},
		"nova": {
			unpacked("nova-manage", "nova", "api_db", "sync"),
			unpacked("nova-manage", "nova", "cell_v2", "map_cell0", "--database_connection", database("nova_cell0")["connection"]),
			unpacked("nova-manage", "nova", "cell_v2", "create_cell", "--name", "cell1"),
			unpacked("nova-manage", "nova", "db", "sync"),
		},
	} {
		all.Go(func() {
			for _, c := range commands {
				if err := l.run(ctx, "schema-"+name, c[0], c[1:]...); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
					return
				}
			}
		})
	}
	all.Wait()
	return first
}

// register puts the services into the catalog.
func (l *Lab) register(ctx context.Context) error {
	for _, s := range []struct{ kind, name, url string }{
		{"compute", "nova", l.url("nova", "/v2.1")},
		{"placement", "placement", l.url("placement", "")},
		{"image", "glance", l.url("glance", "")},
		{"network", "neutron", l.url("neutron", "")},
		{"volumev3", "cinderv3", l.url("cinder", "/v3/%(project_id)s")},
	} {
		var made struct{ Service struct{ ID string } }
		if _, err := l.rest.call(ctx, "POST", l.url("keystone", "/v3/services"), map[string]any{"service": map[string]any{"type": s.kind, "name": s.name}}, &made); err != nil {
			return err
		}
		for _, face := range []string{"public", "internal", "admin"} {
			if _, err := l.rest.call(ctx, "POST", l.url("keystone", "/v3/endpoints"), map[string]any{"endpoint": map[string]any{
				"service_id": made.Service.ID, "interface": face, "url": s.url, "region_id": "RegionOne",
			}}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// image makes the image that servers are booted from.
func (l *Lab) image(ctx context.Context) error {
	var made struct{ ID string }
	if _, err := l.rest.call(ctx, "POST", l.url("glance", "/v2/images"), map[string]any{
		"name": "empty", "disk_format": "raw", "container_format": "bare", "visibility": "public",
	}, &made); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "PUT", l.url("glance", "/v2/images/"+made.ID+"/file"), strings.NewReader(strings.Repeat("0", 65536)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("X-Auth-Token", l.rest.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("upload an image: %s", resp.Status)
	}
	return nil
}
