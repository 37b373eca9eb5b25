#!/usr/bin/env bash
# tests/docs/run_block.sh BLOCK [CONDITION]: runs the commands of the file BLOCK as a reader does who types them one by
# one, in namespaces of network and processes that nobody else sees.
#
# The sample server is there on port 8080 unless the commands start it. They end at the first one that fails, and no
# background job may have failed at their end. With CONDITION, Ctrl-C is pressed once that shell command succeeds; they
# must not end before. --rehearse only tries whether there can be namespaces.
# Exit code is that of the commands. Whatever they have started ends with this script.
set -euo pipefail

if [[ ${inside_namespaces-} != yes ]]; then
  spaces=(--net --pid --fork --kill-child --mount-proc)
  ((EUID == 0)) || spaces+=(--user --map-root-user)
  [[ ${1-} != --rehearse ]] || exec unshare "${spaces[@]}" ip link set lo up
  inside_namespaces=yes exec unshare "${spaces[@]}" "$0" "$@"
fi
unset inside_namespaces
readonly block=$1 condition=${2-}

# As a reader does who waits for the server to say that it is listening.
await_port() {
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.05; done
}

# Workers need a moment to see that their master has ended; servers go on.
check_background() {
  local job
  for ((i = 0; i < 20; ++i)); do
    [[ -n $(jobs -rp) ]] || break
    sleep 0.05
  done
  for job in $(jobs -p); do
    kill -0 "$job" 2>/dev/null || wait "$job"
  done
}

run() {
  source "$block"
  check_background
}

ip link set lo up
if ! grep -q 'locust-target --port 8080' "$block"; then
  locust-target --port 8080 >/dev/null &
  await_port 8080
fi

set -m  # the commands are a process group, which Ctrl-C reaches
run </dev/null &
readonly commands=$!
set +m
if [[ -n $condition ]]; then
  until eval "$condition" >/dev/null 2>&1; do
    if ! kill -0 $commands 2>/dev/null; then
      wait $commands
      exit 1
    fi
    sleep 0.1
  done
  kill -INT -- -$commands
fi
wait $commands
