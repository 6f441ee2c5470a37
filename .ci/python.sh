#!/usr/bin/env bash
# What callers without TypeScript have: the Python examples against a live server, and schemathesis against the OpenAPI
# document. It brings a virtual environment of its own; where there is no Python it says so, and is skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { echo 'SKIPPED: the Python examples and schemathesis: there is no Python 3.10 or later with venv here.'; exit 0; }
work=$(mktemp -d)
server=
finish() { [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q --disable-pip-version-check requests==2.34.2 schemathesis==4.32.5 || { echo 'FAILED: requests and schemathesis could not be installed.'; exit 1; }
NEXUS_DATA_DIR="$work/data" NEXUS_PORT=0 NEXUS_LOG_LEVEL=error node_modules/.bin/node --no-warnings server/main.ts serve >"$work/out" 2>"$work/errors" &
server=$!
for _ in $(seq 300); do grep -q '^Ready' "$work/out" && break; kill -0 "$server" 2>/dev/null || break; sleep 0.2; done
grep -q '^Ready' "$work/out" || { cat "$work/out" "$work/errors"; exit 1; }
NEXUS_URL=$(sed -n 's/.*listens on //p' "$work/out"); NEXUS_TOKEN=$(cat "$work/data/admin-token"); export NEXUS_URL NEXUS_TOKEN
broken=0
for example in examples/python/*.py; do
  [ "$(basename "$example")" = nexus.py ] && continue
  "$work/venv/bin/python" "$example" >"$work/example" 2>&1 && echo "ok $example" || { cat "$work/example"; echo "FAILED: $example"; broken=1; }
done
echo '== schemathesis: no server error, no undocumented answer'
(cd "$work" && "$work/venv/bin/schemathesis" run "$NEXUS_URL/api/openapi.json" -H "Authorization: Bearer $NEXUS_TOKEN" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
  --phases examples,fuzzing --max-examples "${SCHEMATHESIS_EXAMPLES:-15}" --seed "${SCHEMATHESIS_SEED:-1}" --no-color \
  --exclude-operation-id-regex '\.live$|\.follow|^system\.repair$' >"$work/report" 2>&1) || { tail -n 150 "$work/report"; broken=1; }
tail -n 12 "$work/report"
cat "$work/errors"
[ "$broken" = 0 ] || grep -h '"level":\(50\|60\)' "$work/out" | tail -n 10
exit "$broken"
