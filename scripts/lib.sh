# Shared by the scripts of this folder: sourced, not run. Leaves the caller in the repository's root.
self=$(realpath "$0")
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/.."

# The caller's opening comment.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$self"; }

step() { printf '%s: %s\n' "${self##*/}" "$*"; }

fail() {
  printf '%s: %s\n' "${self##*/}" "$*" >&2
  exit 1
}

# Waits until no other process holds the lock FILE, then holds it until this script ends.
lock() {
  mkdir -p "$(dirname "$1")"
  exec {lock_fd}>"$1"
  flock --nonblock "$lock_fd" && return
  step "waiting for another run to finish ($1)"
  flock "$lock_fd"
}
