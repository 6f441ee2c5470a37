#!/usr/bin/env bash
# Starts the CouchDB that is in the program in a process of its own, for suites that are to share one by COUCHDB_URL. The last
# line of its output is COUCHDB_URL=…, the one before it COUCHSTOP=…, the command that stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
# In a file, for an argument can be read by everybody on the machine.
head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' >"$dir/password"
node_modules/.bin/node --no-warnings --input-type=module -e "
  const { readFileSync } = await import('node:fs');
  const { startEmbeddedDocuments } = await import('./server/stores/embedded/documents.ts');
  const password = readFileSync('$dir/password', 'utf8');
  const { documentDatabases } = await import('./server/features/context/index.ts');
  const server = await startEmbeddedDocuments({ directory: '$dir/documents', user: 'nexus', password });
  server.know(documentDatabases);
  process.stdout.write(server.port + '\n');" >"$dir/port" 2>"$dir/log" &
pid=$!
for _ in $(seq 1 200); do [ -s "$dir/port" ] && break; node -e 'setTimeout(()=>{},100)'; done
[ -s "$dir/port" ] || { tail -n 20 "$dir/log" >&2; echo 'couch.sh: it did not start' >&2; exit 1; }
echo "COUCHSTOP=kill $pid; rm -rf $dir"
echo "COUCHDB_URL=http://nexus:$(cat "$dir/password")@127.0.0.1:$(cat "$dir/port")"
