package ipmi

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"systole/lib/redact"
)

// Level is a privilege level.
type Level byte

// The levels.
const (
	Callback Level = 1 + iota
	User
	Operator
	Administrator
)

// levelNames is a table.
var levelNames = [...]string{Callback: "callback", User: "user", Operator: "operator", Administrator: "administrator"}

func (l Level) String() string {
	if l < Callback || l > Administrator {
		return fmt.Sprintf("%d", byte(l))
	}
	return levelNames[l]
}

// ParseLevel reads the name of a level, as ipmitool has them.
func ParseLevel(name string) (Level, error) {
	for l, n := range levelNames {
		if n != "" && strings.EqualFold(n, name) {
			return Level(l), nil
		}
	}
	return 0, fmt.Errorf("%w: there is no privilege level %q: give callback, user, operator or administrator", ErrOptions, name)
}

// AutoCipher lets the cipher suite be chosen: 17, then 3.
const AutoCipher = -1

// Options are those of a connection.
type Options struct {
	Address  string // of the BMC: a name, or an address of IPv4 or IPv6
	Port     int    // 0: 623
	User     string // 16 bytes at most; may be ""
	Password redact.Secret
	Kg       redact.Secret // key of the BMC in hexadecimal; "": it has none
	Lanplus  bool          // IPMI 2.0; otherwise 1.5
	Auth     string        // of IPMI 1.5: md5, password, none; "": the better of the first two
	Cipher   int           // suite of IPMI 2.0: 2, 3, 16, 17 or AutoCipher
	Level    Level         // 0: Administrator
	Target   byte          // address on the bus behind the BMC; 0 or 0x20: the BMC itself
	Timeout  time.Duration // of one try; 0: 2 seconds
	Tries    int           // of a request in a session; 0: 4
}

// Lengths of names and passwords (sections 22.29 and 22.30).
const (
	maxUser, maxPassword15, maxPassword20 = 16, 16, 20
)

// Check fills in defaults and says what is wrong, without any secret.
func (o *Options) Check() error {
	if o.Port == 0 {
		o.Port = 623
	}
	if o.Level == 0 {
		o.Level = Administrator
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Tries <= 0 {
		o.Tries = 4
	}
	longest := maxPassword15
	if o.Lanplus {
		longest = maxPassword20
	}
	switch key, err := o.kg(); {
	case err != nil:
		return err
	case len(key) > 0 && !o.Lanplus:
		return fmt.Errorf("%w: K_g is of IPMI 2.0 only: use lanplus", ErrOptions)
	case o.Address == "":
		return fmt.Errorf("%w: the address of the BMC is missing", ErrOptions)
	case o.Port < 1 || o.Port > 65535:
		return fmt.Errorf("%w: there is no port %d", ErrOptions, o.Port)
	case len(o.User) > maxUser:
		return fmt.Errorf("%w: the user name has %d bytes, IPMI allows %d", ErrOptions, len(o.User), maxUser)
	case len(o.Password) > longest:
		return fmt.Errorf("%w: the password has %d bytes, this version of IPMI allows %d", ErrOptions, len(o.Password), longest)
	case o.Target != 0 && o.Target != addressBMC:
		return fmt.Errorf("%w: a BMC behind the BMC (target 0x%02X) is not supported: give the address of its own of the machine", ErrOptions, o.Target)
	}
	if _, err := o.suites(); err != nil {
		return err
	}
	return o.checkAuth()
}

func (o *Options) checkAuth() error {
	for _, a := range auths {
		if o.Auth == "" || o.Auth == a.name {
			return nil
		}
	}
	return fmt.Errorf("%w: there is no authentication type %q: give md5, password or none", ErrOptions, o.Auth)
}

// kg is the key in bytes; nil if there is none.
func (o *Options) kg() ([]byte, error) {
	text := strings.TrimPrefix(string(o.Kg), "0x")
	key, err := hex.DecodeString(text)
	if err != nil || len(key) > 20 {
		// The error of hex names a digit of the secret.
		return nil, fmt.Errorf("%w: K_g must be up to 40 hexadecimal digits, two for each byte", ErrOptions)
	}
	if strings.Trim(text, "0") == "" {
		return nil, nil // a BMC that has no key has one of zeros
	}
	return key, nil
}

func (o *Options) suites() ([]suite, error) {
	ids := []int{17, 3}
	if o.Cipher != AutoCipher {
		ids = []int{o.Cipher}
	}
	var list []suite
	for _, id := range ids {
		s, err := suiteOf(id)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
