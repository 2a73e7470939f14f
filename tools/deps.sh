#!/usr/bin/env bash
# Makes sure that what the tests ask of the system is there. The product itself
# needs none of it: these are the strangers that it is compared with.
#
# As root on Debian it installs what is missing, without letting any service
# start. Otherwise it says what is missing and what will be skipped for it, and
# ends well: the other tests are worth running.
set -euo pipefail

# what to look for | Debian package | which tests use it
wanted='
xmllint|libxml2-utils|the CIB grammar held against RELAX NG
xsltproc|xsltproc|the upgrades of a CIB held against the stylesheets of Pacemaker
/usr/share/pacemaker/pacemaker-1.0.rng|pacemaker-common|the CIB grammar held against the schemas of Pacemaker
ip|iproute2|real clusters (ocf-tests/lab)
nsenter|util-linux|real clusters (ocf-tests/lab)
corosync|corosync|real clusters (ocf-tests/lab)
pacemakerd|pacemaker|real clusters (ocf-tests/lab)
crm_mon|pacemaker-cli-utils|real clusters (ocf-tests/lab)
/usr/lib/ocf/resource.d/pacemaker/Dummy|pacemaker-resource-agents|real clusters (ocf-tests/lab), stock agents to compare with
/usr/share/resource-agents/ra-api-1.dtd|resource-agents|metadata of agents held against their grammar
ocf-tester|resource-agents|agents held against the tester of their project
groff|groff-base|manual pages of agents
/usr/lib/ocf/resource.d/heartbeat/galera|resource-agents|stock agents to compare with
mariadbd|mariadb-server|agents of MariaDB and Galera in real clusters
/usr/lib/galera/libgalera_smm.so|galera-4|agents of MariaDB and Galera in real clusters
rabbitmq-server|rabbitmq-server|agents of RabbitMQ in real clusters
modprobe|kmod|stock agent Filesystem to compare with
fuser|psmisc|stock agent Filesystem to compare with
mkfs.ext4|e2fsprogs|agent Filesystem with real disks
ps|procps|agents on this machine (ocf-tests/node)
memcached|memcached|agent memcached with a real server
haproxy|haproxy|agents of haproxy in real clusters
fence_dummy|fence-agents|options of fence agents held against those of stock ones
ipmi_sim|openipmi|fence_ipmilan with a BMC of other people
ipmitool|ipmitool|the simulated BMC held against a client of other people, fence_ipmilan beside the stock agent
sbd|sbd|the format of SBD devices held against the sbd program
losetup|mount|SBD devices that are block devices
snmpsimd|snmpsim|fence_apc_snmp with an SNMP agent that is not ours
crm_diff|pacemaker-cli-utils|CIB patch sets held against those of Pacemaker
'

have() {
  case "$1" in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
  esac
}

list_missing() {
  local what package why
  while IFS='|' read -r what package why; do
    [ -n "$what" ] || continue
    have "$what" || printf '%s|%s|%s\n' "$what" "$package" "$why"
  done <<<"$wanted"
}

policy=/usr/sbin/policy-rc.d
log= policy_is_ours=

clean_up() {
  [ -z "$log" ] || rm -f "$log"
  [ -z "$policy_is_ours" ] || rm -f "$policy"
  [ ! -e "$policy.systole" ] || mv -f "$policy.systole" "$policy"
}

# Debian asks this program whether a package may start its services: 101 is no.
# One that is there and says otherwise stands aside until the end.
forbid_services() {
  local answer=0
  if [ -e "$policy" ]; then
    "$policy" mariadb start >/dev/null 2>&1 || answer=$?
    [ "$answer" != 101 ] || return 0
    mv "$policy" "$policy.systole"
  fi
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

enabled() { (cd /etc/systemd/system 2>/dev/null && ls -d -- *.wants/* *.requires/* 2>/dev/null) | sort || true; }

# Packages also enable their services for the next start of the machine. What
# was not there before the tests wanted it must not run because of them.
disable_new_services() {
  command -v systemctl >/dev/null || return 0
  local link
  comm -13 <(echo "$1") <(enabled) | while read -r link; do
    systemctl --no-reload disable "${link##*/}" >/dev/null 2>&1 || true
  done
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  trap clean_up EXIT
  forbid_services
  local before
  before=$(enabled)
  local get=(apt-get install -y --no-install-recommends "$@")
  # The lists of packages may be old, or not there at all as in a fresh container.
  if ! "${get[@]}" >"$log" 2>&1 && ! { apt-get update && "${get[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "tools/deps.sh: apt-get could not install $*" >&2
  fi
  disable_new_services "$before"
}

missing=$(list_missing)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  mapfile -t packages < <(cut -d'|' -f2 <<<"$missing" | sort -u)
  echo "installing for the tests: ${packages[*]}"
  install_packages "${packages[@]}"
  missing=$(list_missing)
  [ -n "$missing" ] || exit 0
fi

while IFS='|' read -r what package why; do
  echo "missing: $what (Debian package $package): tests that use it are skipped ($why)" >&2
done <<<"$missing"
