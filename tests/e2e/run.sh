#!/usr/bin/env bash
# tests/e2e/run.sh [NODE-OPTION...] [TEST-FILE...]: runs the browser tests, all of them or those named.
#
# Installs what they need from the npm registry, below node_modules/ here. The environment says against
# which page and master: see harness.mjs. Needs node 18 or newer, npm and Debian's chromium.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"

exec {lock}<.
flock "$lock"
npm ls >/dev/null 2>&1 || npm ci --no-progress --loglevel=error
flock --unlock "$lock"

# Of an option that is given twice the last one counts.
exec node --test --test-concurrency=1 "$@"
