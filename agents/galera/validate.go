package galera

import "systole/agents/ocf"

func validate(in ocf.Input[params], f facts) ocf.Verdict {
	if err := f.Data.fault(in.Params); err != nil {
		return verdict(err)
	}
	if _, ok := seatOf(in.Params.seats, f.Node); !ok {
		return ocf.Verdict{Code: ocf.ErrConfigured, Reason: notSeated(in.Params, f.Node)}
	}
	return ocf.Verdict{}
}
