package command

func add(list *[]string) func(string) { return func(v string) { *list = append(*list, v) } }

// options is the table of all options, in the order of the help.
var options = [...]option{ // table
	{'R', "run", "", "operations", "Process the input and show what the cluster would do", func(o *Options, _ string) { o.Process = true }},
	{
		'S', "simulate", "", "operations", "Like --run, but also simulate those actions and show the resulting status",
		func(o *Options, _ string) { o.Process, o.Simulate = true, true },
	},
	{
		'X', "in-place", "", "operations", "Like --simulate, but also store the result in the input file",
		func(o *Options, _ string) { o.Process, o.Simulate, o.InPlace = true, true, true },
	},
	{'A', "show-attrs", "", "operations", "Show node attributes", func(o *Options, _ string) { o.Attributes = true }},
	{'c', "show-failcounts", "", "operations", "Show resource fail counts", func(o *Options, _ string) { o.FailCounts = true }},
	{'s', "show-scores", "", "operations", "Show allocation scores", func(o *Options, _ string) { o.Process, o.Scores = true, true }},
	{
		'U', "show-utilization", "", "operations", "Show utilization information",
		func(o *Options, _ string) { o.Process, o.Utilization = true, true },
	},
	{
		'P', "profile", "DIR", "operations", "Process every XML file of the directory and print how long it took",
		func(o *Options, v string) { o.ProfileDir, o.Profile = v, true },
	},
	{'N', "repeat", "N", "operations", "With --profile, repeat each file N times", nil},
	{'j', "pending", "", "", "", func(*Options, string) {}},

	{'u', "node-up", "NODE", "synthetic", "Bring a node online", func(o *Options, v string) { add(&o.Injection.NodesUp)(v) }},
	{'d', "node-down", "NODE", "synthetic", "Take a node offline", func(o *Options, v string) { add(&o.Injection.NodesDown)(v) }},
	{'f', "node-fail", "NODE", "synthetic", "Let a node fail", func(o *Options, v string) { add(&o.Injection.NodesFail)(v) }},
	{'i', "op-inject", "OPSPEC", "synthetic", "Pretend that an operation had this result", func(o *Options, v string) { add(&o.Injection.Ops)(v) }},
	{
		'F', "op-fail", "OPSPEC", "synthetic", "If this operation occurs during the simulation, let it fail with this result",
		func(o *Options, v string) { o.Process, o.Simulate = true, true; add(&o.Fail)(v) },
	},
	{'t', "set-datetime", "DATETIME", "synthetic", "Set date and time (ISO 8601)", func(o *Options, v string) { o.Date = &v }},
	{'q', "quorum", "QUORUM", "synthetic", "Set to '1' or 'true' for a cluster with quorum", func(o *Options, v string) { o.Injection.Quorum = &v }},
	{
		'w', "watchdog", "DEVICE", "synthetic", "Set to '1' or 'true' for a cluster with an active watchdog device",
		func(o *Options, v string) { o.Injection.Watchdog = &v },
	},
	{'g', "ticket-grant", "TICKET", "synthetic", "Grant a ticket", func(o *Options, v string) { add(&o.Injection.Grant)(v) }},
	{'r', "ticket-revoke", "TICKET", "synthetic", "Revoke a ticket", func(o *Options, v string) { add(&o.Injection.Revoke)(v) }},
	{'b', "ticket-standby", "TICKET", "synthetic", "Make a ticket standby", func(o *Options, v string) { add(&o.Injection.Standby)(v) }},
	{'e', "ticket-activate", "TICKET", "synthetic", "Activate a ticket", func(o *Options, v string) { add(&o.Injection.Activate)(v) }},

	{'I', "save-input", "FILE", "artifact", "Save the input to the file", func(o *Options, v string) { o.SaveInput = &v }},
	{'O', "save-output", "FILE", "artifact", "Save the resulting CIB to the file", func(o *Options, v string) { o.SaveOutput = &v }},
	{
		'G', "save-graph", "FILE", "artifact", "Save the transition graph (XML) to the file",
		func(o *Options, v string) { o.Process, o.SaveGraph = true, &v },
	},
	{
		'D', "save-dotfile", "FILE", "artifact", "Save the transition graph (DOT) to the file",
		func(o *Options, v string) { o.Process, o.SaveDot = true, &v },
	},
	{
		'a', "all-actions", "", "artifact", "Show all possible actions in the DOT graph, even if not part of the transition",
		func(o *Options, _ string) { o.AllActions = true },
	},

	{
		'L', "live-check", "", "source", "Use the CIB of the running cluster, or the file that CIB_file names",
		func(o *Options, _ string) { o.Source, o.Live, o.Sanitized = "", true, false },
	},
	{'x', "xml-file", "FILE", "source", "Read the CIB from the file", func(o *Options, v string) { o.Source, o.Live, o.Sanitized = v, false, true }},
	{'p', "xml-pipe", "", "source", "Read the CIB from standard input", func(o *Options, _ string) { o.Source, o.Live, o.Sanitized = "-", false, true }},

	{'-', "output-as", "FORMAT", "output", "Specify output format as one of: text (default), xml, none", func(o *Options, v string) { o.OutputAs = v }},
	{'-', "output-to", "DEST", "output", `Specify file name for output (or "-" for stdout)`, func(o *Options, v string) { o.OutputTo = v }},

	{'V', "verbose", "", "main", "Increase debug output (may be specified multiple times)", func(o *Options, _ string) { o.Verbose++ }},
	{'Q', "quiet", "", "main", "Display only essential output", func(o *Options, _ string) { o.Quiet = true }},
	{'$', "version", "", "main", "Display software version and exit", func(o *Options, _ string) { o.Version = true }},
	{'h', "help", "", "main", "Show this help", func(o *Options, _ string) { o.Help = "main" }},
}
