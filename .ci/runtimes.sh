#!/usr/bin/env bash
# The packed client under the oldest Node that it is for, Deno and Bun, which npm brings into a folder of its own, against a live server: a list, a creation,
# a subscription, an upload and its download. A runtime that cannot be installed here is skipped, and said so.
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD; work=$(mktemp -d); server=
finish() { [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
npm pack -w client --pack-destination "$work" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mkdir "$work/project" && cd "$work/project" && echo '{"name":"runtimes","version":"1.0.0","type":"module","private":true}' >package.json
npm install "$work"/topology-nexus-client-*.tgz >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
cat >smoke.mjs <<'JS'
import { createNexusClient, isNexusError } from '@topology-nexus/client';

const [url, token] = process.argv.slice(-2);
const nexus = createNexusClient({ url, token });
const name = `runtime-${crypto.randomUUID()}`;
const check = (holds, what) => {
  if (!holds) throw new Error(`${what} does not hold.`);
};
const topology = await nexus.topologies.create.mutate({ name, architecture: 'transformer' });
check(topology.createdAt instanceof Date, 'a date');
const { items } = await nexus.topologies.list.query({ name });
check(items.length === 1 && items[0].id === topology.id, 'the list');
const refusal = await nexus.topologies.get.query({ id: 999_999_999 }).catch((error) => error);
check(isNexusError(refusal, 'not_found'), 'a typed error');

const run = await nexus.training.start.mutate({ topologyId: topology.id });
const steps = [];
await new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error('The subscription told nothing for 20 s.')), 20_000);
  const subscription = nexus.training.live.subscribe(
    { runId: run.id },
    {
      onData: ({ data }) => {
        steps.push(...data.points.map(({ step }) => step));
        if (data.status !== 'completed') return;
        clearTimeout(timer);
        subscription.unsubscribe();
        resolve();
      },
      onError: reject,
    },
  );
  (async () => {
    for (const step of [1, 2, 3]) {
      await nexus.training.log.mutate({ runId: run.id, points: [{ key: 'loss', step, value: 1 / step }] });
    }
    await nexus.training.finish.mutate({ id: run.id });
  })().catch(reject);
});
check(steps.filter((step, at) => at > 0 && step <= steps[at - 1]).length === 0, 'the order of a subscription');

// In parts: more than one PUT takes.
const bytes = new Uint8Array(20 * 1024 * 1024).map((_, at) => at % 251);
const object = await nexus.uploads.file(bytes, { kind: 'artifact', name: `${name}.bin` });
const back = await nexus.downloads.bytes(object.id);
check(back.length === bytes.length && back.every((byte, at) => byte === bytes[at]), 'what comes back');
console.log('list, creation, error, subscription, upload and download');
process.exit(0);
JS
NEXUS_DATA_DIR="$work/data" NEXUS_PORT=0 NEXUS_LOG_LEVEL=error "$root/node_modules/.bin/node" --no-warnings "$root/server/main.ts" serve >"$work/out" 2>"$work/errors" &
server=$!
for _ in $(seq 300); do grep -q '^Ready' "$work/out" && break; kill -0 "$server" 2>/dev/null || break; sleep 0.2; done
grep -q '^Ready' "$work/out" || { cat "$work/out" "$work/errors"; exit 1; }
url=$(sed -n 's/.*listens on //p' "$work/out"); token=$(cat "$work/data/admin-token")
broken=0
runs() { # name, command and arguments…
  local name=$1; shift
  if timeout 120 "$@" smoke.mjs "$url" "$token" >"$work/smoke" 2>&1; then echo "ok $name: $(tail -n 1 "$work/smoke")"; else cat "$work/smoke"; echo "FAILED: the client under $name"; broken=1; fi
}
for wanted in node@20.3.0 deno@2.9.6 bun@1.4.5; do
  name=${wanted%@*}; at=$work/$name
  if timeout 300 npm install --prefix "$at" "$wanted" >"$work/log" 2>&1 && timeout 60 "$at/node_modules/.bin/$name" --version >"$work/log" 2>&1; then
    case $name in
      node) runs "Node $(head -n 1 "$work/log")" "$at/node_modules/.bin/node" ;;
      deno) runs "Deno $(head -n 1 "$work/log" | cut -d' ' -f2)" "$at/node_modules/.bin/deno" run --allow-all ;;
      bun) runs "Bun $(head -n 1 "$work/log")" "$at/node_modules/.bin/bun" run ;;
    esac
  else
    echo "SKIPPED: THE CLIENT UNDER $name: npm could not install it here."; tail -n 3 "$work/log"
  fi
done
cat "$work/errors"
exit "$broken"
