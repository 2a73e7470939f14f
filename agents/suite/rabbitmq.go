package suite

import (
	"context"
	"time"

	"systole/agents/ocf"
	agent "systole/agents/rabbitmq"
	"systole/lib/rabbitmq"
)

func rabbitmqCluster() ocf.Runnable { return agent.Agent(rabbitmqNetwork{}) }

// rabbitmqNetwork gives the agent the clients of lib/rabbitmq.
type rabbitmqNetwork struct{}

var _ agent.Network = rabbitmqNetwork{}

// brokerTime is how long a broker has to answer a client.
const brokerTime = 5 * time.Second

func (rabbitmqNetwork) Look(ctx context.Context, targets []agent.Target) []agent.Sight {
	list := make([]rabbitmq.Target, len(targets))
	for i, t := range targets {
		list[i] = rabbitmq.Target{Name: t.Name, Epmd: t.Epmd, Cookie: t.Cookie.Reveal(), Timeout: t.Timeout}
	}
	sights := make([]agent.Sight, len(targets))
	for i, v := range rabbitmq.Look(ctx, list) {
		sights[i] = agent.Sight{
			Refused: v.Refused, Registered: v.Registered, Alive: v.Alive, Silent: v.Silent, Running: v.Running, Booting: v.Booting,
			Members: v.Members, Connected: v.Connected, Partitions: v.Partitions,
		}
		if v.Err != nil {
			sights[i].Err = v.Err.Error()
		}
	}
	return sights
}

func (rabbitmqNetwork) Listens(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTime)
	defer cancel()
	return rabbitmq.Listens(ctx, address)
}

func (rabbitmqNetwork) Greets(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTime)
	defer cancel()
	return rabbitmq.Greets(ctx, address)
}

func (rabbitmqNetwork) Probe(ctx context.Context, a agent.Account) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTime)
	defer cancel()
	return rabbitmq.Probe(ctx, account(a))
}

func (rabbitmqNetwork) RoundTrip(ctx context.Context, a agent.Account) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTime)
	defer cancel()
	return rabbitmq.RoundTrip(ctx, account(a))
}

func account(a agent.Account) rabbitmq.Account {
	return rabbitmq.Account{Address: a.Address, User: a.User, Password: a.Password.Reveal(), VHost: a.VHost}
}
