package haproxy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	proxy "systole/lib/haproxy"
)

// source is a place to ask the worker at.
type source struct {
	socket string
	before []string // commands that come first
}

// ask asks haproxy, at the first socket that answers. The configuration is read
// for its stats socket only if nothing else is known.
func (g *gatherer) ask() {
	var sources []source
	if g.p.socket != "" {
		sources = append(sources, source{socket: g.p.socket})
	}
	master := masterSocketOf(*g.f.Master)
	if master != "" {
		sources = append(sources, source{master, []string{proxy.CurrentWorker}})
	}
	for range maxAsks {
		began := g.sys.Now()
		if slices.ContainsFunc(sources, g.askAt) || g.askConfigured() {
			break
		}
		// A master replaces itself after a start and at a reload, and for that moment
		// its socket takes no connections. The other actions look again by themselves. One
		// that hangs is not asked again: there must be time left to say so.
		if g.f.AskErr == "" || g.sys.Now().Sub(began) > time.Second || g.in.Action != "monitor" || g.sys.Sleep(g.ctx, poll) != nil || !g.masterLives() {
			break
		}
	}
	if (g.f.Info != nil || g.f.Asked == "") && g.p.url != "" {
		if err := g.contact.Get(g.ctx, g.wait(), g.p.ns, g.p.url); err != nil {
			g.f.URLErr = err.Error()
		}
	}
	if (g.in.Action == "start" || strings.HasPrefix(g.in.Action, "reload")) && master != "" {
		g.askMaster(master)
	}
}

// askConfigured asks at the stats socket of the configuration.
func (g *gatherer) askConfigured() bool {
	g.readConfig()
	s := g.f.Conf.BestSocket()
	g.f.Conf, g.f.ConfErr = proxy.Config{}, ""
	return s != "" && s != g.p.socket && g.askAt(source{socket: s})
}

func (g *gatherer) masterLives() bool {
	now, there, err := g.sys.Process(g.f.Master.PID)
	return err == nil && there && now.Start == g.f.Master.Start
}

func (g *gatherer) askAt(s source) bool {
	commands := append(slices.Clone(s.before), proxy.ShowInfo)
	if len(g.p.backends) > 0 {
		commands = append(commands, proxy.ShowProxies)
	}
	answer, err := g.contact.Ask(g.ctx, g.wait(), s.socket, commands...)
	if err == nil {
		var info proxy.Info
		if info, err = proxy.ParseInfo(answer); err == nil {
			err = g.isOurs(info.PID)
			g.f.Info = &info
		}
	}
	if err == nil && len(g.p.backends) > 0 {
		g.f.Rows, err = proxy.ParseStat(answer)
	}
	if err != nil {
		g.f.Info = nil
		if g.f.AskErr == "" {
			g.f.Asked, g.f.AskErr = s.socket, err.Error()
		}
		return false
	}
	g.f.Asked, g.f.AskErr = s.socket, ""
	return true
}

// isOurs says whether it was a process of the resource that answered: another
// haproxy may have made its socket in the same place.
func (g *gatherer) isOurs(pid int) error {
	p, _, err := g.sys.Process(pid)
	if err == nil && pid != g.f.Master.PID && p.Parent != g.f.Master.PID {
		err = fmt.Errorf("process %d answers, which is not of this resource: give each haproxy a stats socket of its own", pid)
	}
	return err
}

// askMaster asks how the workers are. The master does not answer while it is
// being replaced, which is no news.
func (g *gatherer) askMaster(socket string) {
	answer, err := g.contact.Ask(g.ctx, g.wait(), socket, proxy.ShowProc)
	if err != nil {
		return
	}
	proc, err := proxy.ParseProc(answer)
	if err != nil {
		return
	}
	g.f.Proc = &proc
	if proc.Failed > 0 {
		answer, err = g.contact.Ask(g.ctx, g.wait(), socket, proxy.StartupLogs)
		if err == nil && strings.Contains(answer, "[ALERT]") {
			g.f.Log = proxy.Complaint(answer)
		}
	}
}

// wait is a share of the time that is left, so that there is some left to say what
// did not answer.
func (g *gatherer) wait() time.Duration {
	if end, ok := g.ctx.Deadline(); ok {
		return max(min(askTimeout, end.Sub(g.sys.Now())/2), time.Millisecond)
	}
	return askTimeout
}
