#!/usr/bin/env bash
# tests/deploy/private.sh COMMAND...: runs COMMAND where its mounts and processes are its own: the kernel takes
# them away when it ends, however it does. Exit code 77 (skipped) for users other than root.
set -euo pipefail

((EUID == 0)) || { echo "Skipped: containers need root here" && exit 77; }
exec unshare --mount --pid --fork --mount-proc --kill-child "$@"
