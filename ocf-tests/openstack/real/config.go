package real

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ports is a table: where the services listen, on loopback.
var ports = map[string]int{
	"mysql": 41306, "rabbit": 41672, "epmd": 41369, "erlang": 41673,
	"keystone": 41500, "placement": 41778, "nova": 41774, "glance": 41292, "cinder": 41776, "neutron": 41696,
}

const password = "secret"

func (l *Lab) url(service, path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", ports[service], path)
}

// section is the options of a section.
type section map[string]string

// ini writes a configuration file into the folder etc.
func (l *Lab) ini(name string, sections map[string]section) error {
	var b strings.Builder
	for _, s := range slices.Sorted(maps.Keys(sections)) {
		fmt.Fprintf(&b, "[%s]\n", s)
		for _, o := range slices.Sorted(maps.Keys(sections[s])) {
			fmt.Fprintf(&b, "%s = %s\n", o, sections[s][o])
		}
	}
	return os.WriteFile(l.path("etc", name), []byte(b.String()), 0o644)
}

// login is the section of a service that speaks to others.
func (l *Lab) login(more section) section {
	s := section{
		"auth_type": "password", "auth_url": l.url("keystone", "/v3"), "username": "admin", "password": password, "project_name": "admin",
		"user_domain_name": "Default", "project_domain_name": "Default", "region_name": "RegionOne",
	}
	maps.Copy(s, more)
	return s
}

func database(name string) section {
	return section{"connection": fmt.Sprintf("mysql+pymysql://root@127.0.0.1:%d/%s", ports["mysql"], name)}
}

// configure writes all configuration.
func (l *Lab) configure() error {
	for _, dir := range []string{"etc", "log", "lib", "state/nova", "state/cinder", "state/glance", "state/glance-staging", "state/glance-tasks", "state/rabbit"} {
		if err := os.MkdirAll(l.path(dir), 0o755); err != nil {
			return err
		}
	}
	err := fs.WalkDir(files, "files", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(l.path("lib", filepath.Base(name)), text, 0o644)
	})
	if err != nil {
		return err
	}
	for _, write := range []func() error{l.configureIdentity, l.configureNova, l.configureGlance, l.configureCinder} {
		if err := write(); err != nil {
			return err
		}
	}
	return os.WriteFile(l.path("etc/rabbitmq.conf"), fmt.Appendf(nil, "listeners.tcp.1 = 127.0.0.1:%d\nvm_memory_high_watermark.absolute = 1GB\nlog.file.level = warning\n", ports["rabbit"]), 0o644)
}

func (l *Lab) token() section {
	return l.login(section{"www_authenticate_uri": l.url("keystone", ""), "service_token_roles_required": "false"})
}

func (l *Lab) queue() string {
	return fmt.Sprintf("rabbit://guest:guest@127.0.0.1:%d/", ports["rabbit"])
}

func (l *Lab) configureIdentity() error {
	if err := l.ini("keystone.conf", map[string]section{
		"database": database("keystone"), "token": {"provider": "fernet", "expiration": "86400"},
		"fernet_tokens": {"key_repository": l.path("state/fernet")}, "credential": {"key_repository": l.path("state/credential")},
	}); err != nil {
		return err
	}
	return l.ini("placement.conf", map[string]section{
		"api": {"auth_strategy": "keystone"}, "placement_database": database("placement"), "keystone_authtoken": l.token(),
	})
}

// paste copies the pipeline of an API, with its paths.
func (l *Lab) paste(from, to, old string) error {
	text, err := os.ReadFile(l.path("x", from))
	if err != nil {
		return err
	}
	return os.WriteFile(l.path("etc", to), []byte(strings.ReplaceAll(string(text), old, l.path("etc"))), 0o644)
}

func (l *Lab) configureNova() error {
	if err := l.paste("usr/share/nova-common/api-paste.ini", "nova-paste.ini", "/etc/nova"); err != nil {
		return err
	}
	err := l.ini("nova.conf", map[string]section{
		"DEFAULT": {
			"transport_url": l.queue(), "enabled_apis": "osapi_compute", "osapi_compute_listen": "127.0.0.1", "osapi_compute_workers": "1",
			"osapi_compute_listen_port": fmt.Sprint(ports["nova"]), "my_ip": "127.0.0.1", "state_path": l.path("state/nova"),
			"compute_driver": "shared_driver.SharedFakeDriver", "report_interval": "2", "service_down_time": "12", "block_device_allocate_retries": "5",
		},
		"api": {"auth_strategy": "keystone"}, "wsgi": {"api_paste_config": l.path("etc/nova-paste.ini")},
		"api_database": database("nova_api"), "database": database("nova"), "conductor": {"workers": "1"},
		"scheduler":        {"workers": "1", "discover_hosts_in_cells_interval": "5"},
		"oslo_concurrency": {"lock_path": l.path("state/nova/lock")}, "quota": {"driver": "nova.quota.NoopQuotaDriver"}, "vnc": {"enabled": "false"},
		"glance": l.login(section{"endpoint_override": l.url("glance", "")}), "placement": l.login(nil), "neutron": l.login(nil), "cinder": l.login(nil),
		"service_user": l.login(section{"send_service_user_token": "true"}), "keystone_authtoken": l.token(),
	})
	for _, h := range Hosts {
		if err == nil {
			err = l.ini("nova-"+h+".conf", map[string]section{
				"DEFAULT": {"host": h, "state_path": l.path("state", h)}, "oslo_concurrency": {"lock_path": l.path("state", h, "lock")},
			})
		}
		if err == nil {
			err = os.MkdirAll(l.path("state", h), 0o755)
		}
	}
	return err
}

func (l *Lab) configureGlance() error {
	if err := l.paste("usr/share/glance-common/glance-api-paste.ini", "glance-paste.ini", "/etc/glance"); err != nil {
		return err
	}
	return l.ini("glance.conf", map[string]section{
		"DEFAULT": {
			"bind_host": "127.0.0.1", "bind_port": fmt.Sprint(ports["glance"]), "workers": "1", "enabled_backends": "fs:file",
			"node_staging_uri": "file://" + l.path("state/glance-staging"),
		},
		"database": database("glance"), "glance_store": {"default_backend": "fs"}, "fs": {"filesystem_store_datadir": l.path("state/glance")},
		"os_glance_staging_store": {"filesystem_store_datadir": l.path("state/glance-staging")},
		"os_glance_tasks_store":   {"filesystem_store_datadir": l.path("state/glance-tasks")},
		"paste_deploy":            {"flavor": "keystone", "config_file": l.path("etc/glance-paste.ini")}, "keystone_authtoken": l.token(),
	})
}

func (l *Lab) configureCinder() error {
	if err := l.paste("usr/share/cinder-common/api-paste.ini", "cinder-paste.ini", "/etc/cinder"); err != nil {
		return err
	}
	if err := l.paste("etc/cinder/resource_filters.json", "resource_filters.json", "/etc/cinder"); err != nil {
		return err
	}
	if err := l.ini("cinder-"+VolumeHost+".conf", map[string]section{"DEFAULT": {"host": VolumeHost}}); err != nil {
		return err
	}
	return l.ini("cinder.conf", map[string]section{
		"DEFAULT": {
			"transport_url": l.queue(), "osapi_volume_listen": "127.0.0.1", "osapi_volume_listen_port": fmt.Sprint(ports["cinder"]),
			"osapi_volume_workers": "1", "api_paste_config": l.path("etc/cinder-paste.ini"), "resource_query_filters_file": l.path("etc/resource_filters.json"),
			"state_path": l.path("state/cinder"), "my_ip": "127.0.0.1", "enabled_backends": "fake", "report_interval": "2", "service_down_time": "12",
			"rootwrap_config": l.path("x/etc/cinder/rootwrap.conf"), "auth_strategy": "keystone",
		},
		"fake":     {"volume_driver": "cinder.tests.fake_driver.FakeLoggingVolumeDriver", "volume_backend_name": "fake"},
		"database": database("cinder"), "oslo_concurrency": {"lock_path": l.path("state/cinder/lock")}, "keystone_authtoken": l.token(),
	})
}
