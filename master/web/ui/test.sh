#!/usr/bin/env bash
# master/web/ui/test.sh: checks types and style of the page's source and runs the tests of its pure parts.
#
# Installs what they need from the npm registry, below node_modules/ here. Needs node 18 or newer, and npm.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"

# Builds share node_modules.
exec {lock}<.
flock "$lock"
npm ls >/dev/null 2>&1 || npm ci --no-progress --loglevel=error

npm run --silent check
npm run --silent test
