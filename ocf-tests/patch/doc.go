// Package patch holds cib/digest against Pacemaker's cibadmin, and cib/patch
// against its crm_diff: what one makes, the other must apply, over pairs of CIBs
// made of the scheduler cases and of the examples by mutation.
//
// crm_diff is looked for where CRM_DIFF says, in the PATH and in /usr/sbin.
// Debian's package is pacemaker-cli-utils. With Pacemaker 3, the patch sets must
// be the same byte for byte; with 2.1 (Debian 12), which differs from Pacemaker
// 3 in the points that old_test.go lists, they must be the same when read.
package patch
