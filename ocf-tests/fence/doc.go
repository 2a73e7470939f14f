// Package fence holds the fence agents against stock ones, and against devices: real
// ones where there are any, and simulated ones that lie.
package fence
