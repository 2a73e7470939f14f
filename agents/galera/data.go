package galera

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

// data is what the files of the database say while no server runs.
type data struct {
	Config, Dir, Made bool // the configuration file, the folder, and a database in it are there
	Binary            string
	Server            string
	Creator           string // program that makes a database; "" if there is none
	Grastate          string // text of grastate.dat
	HasGrastate       bool
	Saved             wsrep.SavedState
	SavedErr          error
	View              wsrep.View
	ViewEmpty         bool // there is a gvwstate.dat of no size
	Databases         int
	Engine            bool      // files of the storage engine are there
	Start             StartID   // of the group of which the data are, as the agent has noted it
	Joining           bool      // they may be the rest of a state transfer
	Changed           time.Time // when the data were last written to
	Print             string    // changes when anything writes to the data
	User              bool      // user and group are known
	Unwritable        []string  // folders that the user may not write to
}

// systemDatabases is a table: folders that are no databases of users.
var systemDatabases = []string{
	"mysql", "sys", "performance_schema", "information_schema", "test", "lost+found", "ndbinfo",
	"#innodb_redo", "#innodb_temp", "#rocksdb", "#tmp", "mysql_upgrade_history", "wsrep_streaming_log",
}

// look reads the files. Programs and permissions are asked for only where the
// server is going to be started.
func (d *data) look(ctx context.Context, in ocf.Input[params], sys ocf.Reader) error {
	p := in.Params
	for _, f := range []struct {
		path string
		kind ocf.Kind
		to   *bool
	}{{p.config, ocf.Regular, &d.Config}, {p.datadir, ocf.Directory, &d.Dir}, {p.datadir + "/mysql", ocf.Directory, &d.Made}} {
		info, err := sys.Stat(f.path)
		if err != nil {
			return fmt.Errorf("look at %s: %w", f.path, err)
		}
		*f.to = info.Kind == f.kind
	}
	if err := d.states(p, sys); err != nil {
		return err
	}
	// What can be wrong with the node is looked for once in an action.
	if in.Action == "monitor" {
		return nil
	}
	d.Binary = find(sys, binaries(p))
	d.Server = find(sys, servers(p.binary))
	dir := path.Dir(d.Binary)
	d.Creator = find(sys, []string{dir + "/mariadb-install-db", dir + "/mysql_install_db", "mariadb-install-db", "mysql_install_db"})
	if len(in.Past) > 0 {
		return nil
	}
	return d.permissions(ctx, p, sys)
}

func find(sys ocf.Reader, list []string) string {
	for _, name := range list {
		if file, ok := sys.LookPath(name); ok {
			return file
		}
	}
	return ""
}

// states reads what Galera has left.
func (d *data) states(p params, sys ocf.Reader) error {
	text, found, err := sys.ReadFile(p.datadir+"/grastate.dat", wsrep.MaxStateFile)
	if err != nil {
		return fmt.Errorf("read grastate.dat: %w", err)
	}
	d.Grastate, d.HasGrastate = string(text), found
	if found {
		d.Saved, d.SavedErr = wsrep.ParseSavedState(d.Grastate)
	}
	text, found, err = sys.ReadFile(p.datadir+"/gvwstate.dat", wsrep.MaxStateFile)
	if err != nil {
		return fmt.Errorf("read gvwstate.dat: %w", err)
	}
	d.ViewEmpty = found && strings.TrimSpace(string(text)) == ""
	if found && !d.ViewEmpty {
		// One that is not complete says nothing; the election then has to wait for all.
		d.View, _ = wsrep.ParseView(string(text))
	}
	if err := d.marks(p, sys); err != nil {
		return err
	}
	if err := d.print(p, sys); err != nil {
		return err
	}
	if d.unfilled() {
		d.HasGrastate, d.SavedErr = false, nil
	}
	return nil
}

// unfilled says that grastate.dat is the empty one which a server without any makes,
// and fills when it has become a member: as if there were none. Beside data that are
// not the rest of a state transfer it is a damaged one.
func (d *data) unfilled() bool {
	nothing := !d.Made && !d.Engine && d.Databases == 0
	return d.HasGrastate && strings.TrimSpace(d.Grastate) == "" && (d.Joining || nothing)
}

// transferMark is what a state transfer by mariadb-backup or xtrabackup leaves in the
// data directory until it is done.
const transferMark = "/sst_in_progress"

// marks reads what this agent, and a state transfer, keep beside the data.
func (d *data) marks(p params, sys ocf.Reader) error {
	text, found, err := sys.ReadFile(p.datadir+startFile, wsrep.MaxStateFile)
	if err != nil {
		return fmt.Errorf("read %s: %w", startFile[1:], err)
	}
	id, left := strings.CutPrefix(string(text), leftMark)
	last := d.SavedErr == nil && d.Saved.Safe && d.Saved.Seqno >= 0
	if d.Joining = strings.TrimSpace(string(text)) == joiningMark; found && !d.Joining && (!left || last) {
		// One that is damaged says nothing; the election then has to wait for all.
		d.Start, _ = parseStartID(id)
	}
	info, err := sys.Stat(p.datadir + transferMark)
	if err != nil {
		return fmt.Errorf("look at %s: %w", p.datadir+transferMark, err)
	}
	d.Joining = d.Joining || info.Kind == ocf.Regular
	return nil
}

// replaceable says that there is no database, and nothing that could have been
// part of one but the rest of a state transfer: a server can start there to join.
func (d *data) replaceable() bool {
	switch {
	case d.Made, d.HasGrastate && (d.SavedErr != nil || !d.Saved.UUID.IsZero()):
		return false
	case d.HasGrastate, d.Joining:
		return true
	}
	return !d.Engine && d.Databases == 0
}

// print notes the size and time of the files that every server changes.
func (d *data) print(p params, sys ocf.Reader) error {
	names, err := sys.List(p.datadir)
	if err != nil {
		return fmt.Errorf("list %s: %w", p.datadir, err)
	}
	var parts []string
	for _, name := range names {
		file := p.datadir + "/" + name
		engine := strings.HasPrefix(name, "ib_logfile") || name == "ibdata1" || name == "aria_log_control" || name == "grastate.dat"
		if !engine && strings.Contains(name, ".") {
			continue
		}
		info, err := sys.Stat(file)
		if err != nil {
			return fmt.Errorf("look at %s: %w", file, err)
		}
		if info.Kind == ocf.Directory && !slices.Contains(systemDatabases, name) {
			d.Databases++
		}
		d.Engine = d.Engine || engine && name != "grastate.dat"
		if engine && info.Kind == ocf.Regular {
			parts = append(parts, fmt.Sprintf("%d/%d", info.Size, info.Modified.UnixNano()))
			if info.Modified.After(d.Changed) {
				d.Changed = info.Modified
			}
		}
	}
	d.Print = "none"
	if len(parts) > 0 {
		d.Print = digest(strings.Join(parts, " "))
	}
	return nil
}

// permissions asks as the user of the server, as the stock agent does.
func (d *data) permissions(ctx context.Context, p params, sys ocf.Reader) error {
	out, err := sys.Query(ctx, ocf.Command{Path: "id", Args: []string{p.user}})
	if err != nil {
		return err
	}
	group, err := sys.Query(ctx, ocf.Command{Path: "getent", Args: []string{"group", p.group}})
	if err != nil {
		return err
	}
	d.User = out.Code == 0 && group.Code == 0
	if !d.User {
		return nil
	}
	for _, dir := range []string{p.datadir, path.Dir(p.pid), path.Dir(p.socket)} {
		info, err := sys.Stat(dir)
		if err != nil {
			return err
		}
		if info.Kind != ocf.Directory {
			continue // it is made before the server starts, or is missed by name
		}
		out, err := sys.Query(ctx, ocf.Command{Path: "test", Args: []string{"-w", dir}, User: p.user})
		if err != nil {
			return err
		}
		if out.Code != 0 && !slices.Contains(d.Unwritable, dir) {
			d.Unwritable = append(d.Unwritable, dir)
		}
	}
	return nil
}

// fault says why a server cannot run with these files; nil if it can.
func (d *data) fault(p params) error {
	switch {
	case d.Binary == "":
		return ocf.Errorf(ocf.ErrInstalled, "program %s is not installed: install the package mariadb-server or set the parameter binary", p.binary)
	case !d.Config:
		return ocf.Errorf(ocf.ErrInstalled, "configuration file %s is missing: create it or set the parameter config", p.config)
	case !d.Dir:
		return ocf.Errorf(ocf.ErrInstalled, "data directory %s is missing: create or mount it, or set the parameter datadir", p.datadir)
	case !d.User:
		return ocf.Errorf(ocf.ErrInstalled, "user %s or group %s is not known on this node: create them or set the parameters user and group", p.user, p.group)
	case len(d.Unwritable) > 0:
		return ocf.Errorf(ocf.ErrPerm, "directory %s is not writable by %s: correct its owner and mode", strings.Join(d.Unwritable, ", "), p.user)
	case !d.Made && !d.replaceable():
		return ocf.Errorf(ocf.ErrInstalled, "there is no database in %s, but there are other files of a server: restore the directory, or empty it to have the data of the group copied to it", p.datadir)
	case !d.Made && p.create && d.Creator == "":
		return ocf.Errorf(ocf.ErrInstalled, "neither mariadb-install-db nor mysql_install_db is installed, and there is no database in %s: create one", p.datadir)
	}
	return nil
}
