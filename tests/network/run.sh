#!/usr/bin/env bash
# tests/network/run.sh COMMAND...: runs COMMAND where it may make network namespaces that nobody else sees.
#
# Its names of namespaces (/run/netns) and its processes are its own: when COMMAND ends, however it does,
# the kernel ends whatever it has started and takes every namespace, link and rule away.
# Exit code 77 (skipped) with the reason if this machine does not allow that.
set -euo pipefail

skip() {
  printf 'Skipped: %s\n' "$*"
  exit 77
}

# What COMMAND will do, once and in small.
readonly rehearsal='
  step() { why=$("${@:2}" 2>&1) || { echo "$1: $why"; exit 1; }; }
  step "no private names of namespaces (mount of a tmpfs)" mount -t tmpfs netns /run/netns
  step "no network namespaces (ip netns add)" ip netns add rehearsal
  step "no virtual links (ip link add type veth)" ip -n rehearsal link add veth0 type veth peer name veth1
  step "no bridges (ip link add type bridge)" ip -n rehearsal link add bridge0 type bridge
  step "no TAP devices (/dev/net/tun)" ip -n rehearsal tuntap add tap0 mode tap
  step "no nftables (table inet)" ip netns exec rehearsal nft "add table inet t; add chain inet t c { type filter hook input priority 0; }"
  step "no nftables numgen" ip netns exec rehearsal nft "add rule inet t c numgen random mod 1000 < 5 drop"
'
readonly private=(unshare --mount --pid --fork --kill-child --mount-proc)

((EUID == 0)) || skip "network namespaces need root"
for program in ip nft unshare; do
  command -v $program >/dev/null || skip "$program is not installed (scripts/setup test installs it)"
done
mkdir -p /run/netns
"${private[@]}" true 2>/dev/null || skip "this machine allows no namespaces (unshare --mount --pid)"
reason=$("${private[@]}" bash -c "$rehearsal") || skip "this machine has $reason"

exec "${private[@]}" bash -c 'mount -t tmpfs netns /run/netns && exec "$@"' bash "$@"
