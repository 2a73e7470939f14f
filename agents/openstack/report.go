package openstack

import (
	"encoding/json"
	"fmt"
	"time"

	"systole/agents/ocf"
	"systole/lib/openstack/evacuation"
)

// Report is what a worker writes after every round.
type Report struct {
	PID    int
	Time   time.Time // when it was written
	Error  string    // why the last round failed; "" if it did not
	Since  time.Time // of the error
	Status evacuation.Status
}

// maxReport is the size of a report with some thousand servers that were left.
const maxReport = 4 << 20

// outage is how long a service may be away before somebody should look.
const outage = time.Minute

// Trouble are the sentences for an operator.
func (r Report) Trouble() []string {
	list := r.Status.Trouble()
	if r.Error != "" && r.Time.Sub(r.Since) >= outage {
		list = append(list, fmt.Sprintf("since %s nothing can be evacuated: %s", r.Since.Format(time.TimeOnly), r.Error))
	}
	return list
}

// Encode is the report as it stands in its file.
func (r Report) Encode() []byte {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // it holds nothing that cannot be encoded
	}
	return append(text, '\n')
}

// ReadReport reads the report of a worker; found is false if there is none.
func ReadReport(sys ocf.Files, path string) (r Report, found bool, err error) {
	text, found, err := sys.ReadFile(path, maxReport)
	if err != nil || !found {
		return r, found, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return Report{}, true, nil // not one of ours: as if there were none of this worker
	}
	return r, true, nil
}
