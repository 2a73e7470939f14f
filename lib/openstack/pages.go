package openstack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"
)

// Limits of lists.
const (
	pageSize = 500
	maxPages = 200
)

// pages reads a list page by page. key is the member of the answer that holds the
// list; take decodes a page and returns the marker of its last item, "" if there is
// none. Nova says by a link that there is more; the link is not followed, because the address in it need
// not be the one that this user can reach.
func pages(ctx context.Context, sc *gophercloud.ServiceClient, address, key string, query url.Values, take func(json.RawMessage) (marker string, err error)) error {
	query.Set("limit", strconv.Itoa(pageSize))
	for range maxPages {
		var page map[string]json.RawMessage
		if err := get(ctx, sc, address+"?"+query.Encode(), &page); err != nil {
			return err
		}
		if page[key] == nil {
			return fmt.Errorf("the answer of %s has no member %q", address, key)
		}
		marker, err := take(page[key])
		if err != nil {
			return fmt.Errorf("the answer of %s: %w", address, err)
		}
		more := page[key+"_links"]
		if next := page["next"]; next != nil { // glance
			more = next
		}
		switch {
		case more == nil:
			return nil
		case marker == "":
			// A list that is short would be taken for a whole one.
			return fmt.Errorf("the list at %s has more pages, and what the last item of this one is called cannot be seen", address)
		}
		query.Set("marker", marker)
	}
	return fmt.Errorf("the list at %s has more than %d pages of %d", address, maxPages, pageSize)
}
