package ipmi

// The addresses of a LAN message (section 13.8): the BMC, and software at a remote
// console.
const (
	addressBMC     = 0x20
	addressConsole = 0x81
)

// The functions in use, and the bit that makes one of them an answer.
const (
	netChassis = 0x00
	netApp     = 0x06
	netAnswer  = 0x01
)

// maxSequence is the number of sequence numbers of a message: six bits.
const maxSequence = 64

// request is a command to the BMC.
type request struct {
	netFn, cmd byte
	sequence   byte
	data       []byte
}

func checksum(b []byte) byte {
	var sum byte
	for _, x := range b {
		sum += x
	}
	return -sum
}

// bytes is the LAN message of the request.
func (r request) bytes() []byte {
	b := make([]byte, 0, 7+len(r.data))
	b = append(b, addressBMC, r.netFn<<2)
	b = append(b, checksum(b))
	b = append(b, addressConsole, r.sequence<<2, r.cmd)
	b = append(b, r.data...)
	return append(b, checksum(b[3:]))
}

// answer reads the LAN message that answers the request. An error means that it does
// not.
func (r request) answer(b []byte) (Code, []byte, error) {
	if len(b) < 8 {
		return 0, nil, drop("a message of %d bytes, too short for an answer", len(b))
	}
	switch {
	case checksum(b[:3]) != 0 || checksum(b[3:]) != 0:
		return 0, nil, drop("a message with a wrong checksum")
	case b[0] != addressConsole || b[3] != addressBMC:
		return 0, nil, drop("a message from 0x%02X to 0x%02X", b[3], b[0])
	case b[1] != (r.netFn|netAnswer)<<2:
		return 0, nil, drop("a message of function 0x%02X for 0x%02X", b[1]>>2, r.netFn|netAnswer)
	case b[4] != r.sequence<<2:
		return 0, nil, drop("an answer to request %d for that to %d", b[4]>>2, r.sequence)
	case b[5] != r.cmd:
		return 0, nil, drop("an answer to command 0x%02X for that to 0x%02X", b[5], r.cmd)
	}
	return Code(b[6]), b[7 : len(b)-1], nil
}
