#!/usr/bin/env bash
# master/web/ui/build.sh OUT: builds the web page into OUT: index.html, report.html, login.html, assets/.
#
# Installs what the build needs from the npm registry, below node_modules/ here. Does nothing when OUT
# was built from the same files. Needs node 18 or newer, and npm.
set -euo pipefail

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

(($# == 1)) || fail "usage: build.sh OUT"
mkdir -p "$1"
readonly out=$(realpath "$1")
cd "$(dirname "$(realpath "$0")")"
command -v npm >/dev/null || fail "npm is missing (Debian: apt-get install nodejs npm)"

inputs() { find build.mjs build.sh package-lock.json html src -type f | LC_ALL=C sort; }
fingerprint() { { node --version && inputs | xargs sha256sum; } | sha256sum | cut -d ' ' -f 1; }

readonly wanted=$(fingerprint)
[[ $(cat "$out/.stamp" 2>/dev/null) == "$wanted" ]] && exit 0

# Builds of several configurations share node_modules.
exec {lock}<.
flock "$lock"
npm ls --omit=dev >/dev/null 2>&1 || npm ci --omit=dev --no-progress --loglevel=error

rm -f "$out/.stamp"
node build.mjs "$out"
printf '%s\n' "$wanted" >"$out/.stamp"
