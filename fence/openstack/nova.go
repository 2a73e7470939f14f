package openstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"systole/fence/fencing"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuator"
)

// Nova is nova as the agents need it.
type Nova interface {
	evacuator.Cloud
	Close()
	FenceService(ctx context.Context, id, reason string) error
	UnforceService(ctx context.Context, id string) error
	EnableService(ctx context.Context, id string) error
	Evacuations(ctx context.Context, source string) ([]api.Migration, error)
}

// Marks is the node attribute evacuate of the cluster.
type Marks interface {
	// All are the values of all nodes. known is false if there is no cluster here.
	All(ctx context.Context) (values map[string]string, known bool, err error)
	Set(ctx context.Context, node, value string) error
}

// Tools are what the agents work with.
type Tools struct {
	Dial  func(ctx context.Context, c api.Credentials) (Nova, error)
	Marks Marks
	// Self is the name of this node, for claims.
	Self string
}

// session is a login, as a device.
type session struct {
	nova   Nova
	tools  Tools
	domain string
}

func (t Tools) open(ctx context.Context, v *fencing.Values, _ fencing.World) (fencing.Device, error) {
	nova, err := t.Dial(ctx, credentials(v))
	if err != nil {
		return nil, fault(err)
	}
	return &session{nova: nova, tools: t, domain: v.String("domain")}, nil
}

// Close logs out.
func (s *session) Close() { s.nova.Close() }

// fault is an error of the services with its kind.
func fault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, api.ErrUnauthorized):
		return fencing.Errorf(fencing.LoginDenied, "%w", err)
	case errors.Is(err, api.ErrForbidden):
		return fencing.Errorf(fencing.Privileges, "%w: the user needs the role admin", err)
	case errors.Is(err, api.ErrNotSent):
		return fencing.Errorf(fencing.TimedOut, "%w", err)
	case api.Refused(err):
		return fencing.Errorf(fencing.Refused, "%w", err)
	}
	return fencing.Errorf(fencing.ConnectionLost, "%w", err)
}

func isMissing(err error) bool { return errors.Is(err, api.ErrNotFound) }

// service is nova's service of a node. A host that nova does not know is an error: an
// answer without it says nothing about it.
func (s *session) service(ctx context.Context, node string) (api.Service, error) {
	if node == "" {
		return api.Service{}, fencing.Errorf(fencing.Usage, "plug is missing: give the name of the host")
	}
	all, err := s.nova.ComputeServices(ctx, "")
	if err != nil {
		return api.Service{}, fault(err)
	}
	return choose(all, node, s.domain)
}

// choose finds the service of a node by its name: as it is, with the domain, or by the
// part before the first dot where only one host has it.
func choose(all []api.Service, node, domain string) (api.Service, error) {
	wanted := [][]api.Service{nil, nil, nil}
	short, _, _ := strings.Cut(node, ".")
	for _, svc := range all {
		host, _, _ := strings.Cut(svc.Host, ".")
		switch {
		case svc.Host == node:
			wanted[0] = append(wanted[0], svc)
		case domain != "" && svc.Host == short+"."+domain:
			wanted[1] = append(wanted[1], svc)
		case host == short && (domain == "" && (host == svc.Host || short == node)):
			wanted[2] = append(wanted[2], svc)
		}
	}
	for _, list := range wanted {
		switch len(list) {
		case 0:
		case 1:
			return list[0], nil
		default:
			return api.Service{}, fencing.Errorf(fencing.Missing, "nova has %d nova-compute services for %s: give the full name of the host, and delete those that are old, see: openstack compute service list", len(list), node)
		}
	}
	return api.Service{}, fencing.Errorf(fencing.Missing, "nova has no nova-compute on a host named %s: set domain, or map the name with pcmk_host_map; nova knows %s", node, hosts(all))
}

func hosts(all []api.Service) string {
	const limit = 8
	var names []string
	for _, s := range all {
		names = append(names, s.Host)
	}
	slices.Sort(names)
	if len(names) > limit {
		return strings.Join(names[:limit], ", ") + fmt.Sprintf(" and %d more", len(names)-limit)
	}
	if names == nil {
		return "none at all"
	}
	return strings.Join(names, ", ")
}

// words are a service's state as people know it from openstack compute service list.
func words(s api.Service) string {
	text := "down"
	if s.Up {
		text = "up"
	}
	if s.ForcedDown {
		text += ", forced down"
	}
	if s.Enabled {
		return text + ", enabled"
	}
	text += ", disabled"
	if s.DisabledReason != "" {
		text += ": " + s.DisabledReason
	}
	return text
}

// Status is Off when nova has been told that the host is down, takes it for down, and
// puts no server on it. All else is On: servers may run there.
func (s *session) Status(ctx context.Context, node string) (fencing.Status, error) {
	svc, err := s.service(ctx, node)
	if err != nil {
		return fencing.Status{}, err
	}
	st := fencing.Status{State: fencing.On, Detail: words(svc)}
	if svc.Fenced() && !svc.Enabled {
		st.State = fencing.Off
	}
	return st, nil
}

// List is the hosts.
func (s *session) List(ctx context.Context) ([]fencing.Plug, error) {
	all, err := s.nova.ComputeServices(ctx, "")
	if err != nil {
		return nil, fault(err)
	}
	var list []fencing.Plug
	for _, svc := range all {
		p := fencing.Plug{ID: svc.Host, State: fencing.On}
		if svc.Fenced() && !svc.Enabled {
			p.State = fencing.Off
		}
		list = append(list, p)
		// The names of nodes are often without the domain.
		if short, _, long := strings.Cut(svc.Host, "."); long {
			p.ID = short
			list = append(list, p)
		}
	}
	return list, nil
}

// Probe makes sure that the user is known, may see the services, and that there are
// some.
func (s *session) Probe(ctx context.Context) error {
	all, err := s.nova.ComputeServices(ctx, "")
	if err == nil && len(all) == 0 {
		return fencing.Errorf(fencing.NoStatus, "nova lists no nova-compute service: is this the right region, and does the user have the role admin?")
	}
	return fault(err)
}
