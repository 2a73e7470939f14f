package openstack

import (
	"fmt"

	"systole/agents/ocf"
)

// handOver has this node fenced, if the administrator wants that: its servers run,
// nobody manages them, and elsewhere they would be managed. It is not done for what
// is likely the fault of something else: nova must answer, servers must run here,
// and more than half of the other hosts must be up.
func handOver(in ocf.Input[computeParams], h host, reason string) (d ocf.Decision, ok bool) {
	fence := ocf.Run{Command: ocf.Command{
		Path: in.Dirs.Sbin + "/stonith_admin", Args: []string{"--reboot", h.Node, "--timeout", "120", "--tag", in.Instance},
	}}
	_, done := in.Past.First(func(s ocf.Step) bool { r, is := s.(ocf.Run); return is && r.String() == fence.String() })
	refuse := func(why string) (ocf.Decision, bool) {
		return ocf.End(ocf.ErrGeneric, "%s; this node is not handed over to fencing, because %s", reason, why), true
	}
	switch {
	case !in.Params.Handover:
		return d, false
	case done:
		return ocf.End(ocf.ErrGeneric, "%s; this node was handed over to fencing", reason), true
	case h.Nova != "":
		return refuse("nova cannot be asked for its servers: " + h.Nova)
	case h.Active == 0:
		return refuse("no server runs on it")
	case h.OthersUp*2 <= h.Others:
		return refuse(fmt.Sprintf("only %d of %d other hosts are up: the cause is likely not this node", h.OthersUp, h.Others))
	}
	return ocf.Do(fmt.Sprintf("%s; %d servers run on this node, which is handed over to fencing and evacuation", reason, h.Active), fence), true
}
