#!/usr/bin/env bash
# Packs the client and uses it as its users do: publint and attw find nothing, no type of it is any, it compiles in an empty
# project with every TypeScript that is supported and costs it no more instantiations than it did, runs in this Node, and is
# bundled for browsers, by vite and by esbuild, without anything of Node's.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD; dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
quietly() { "$@" >"$dir/log" 2>&1 || { tail -n 30 "$dir/log" >&2; echo "FAILED: $*" >&2; exit 1; }; }
quietly npm pack -w client --pack-destination "$dir"
tarball=$(ls "$dir"/topology-nexus-client-*.tgz)
quietly npx publint run "$tarball" --strict
# An ES module: `require` and the resolution of Node 10 are not for it.
quietly npx attw "$tarball" --profile esm-only
mkdir "$dir/project"; cd "$dir/project"
echo '{"name":"empty","version":"1.0.0","type":"module","private":true}' >package.json
quietly npm install "$tarball"
if grep -rnE '(: |<|\| |=> |\()any\b' --include='*.d.ts' node_modules/@topology-nexus/client/dist | grep -vE '^[^:]+:[0-9]+: *(/?\*|//)'; then
  echo 'FAILED: a type of the package is any.' >&2; exit 1
fi
[ ! -e node_modules/react ] || { echo 'FAILED: the package brings React to who does not use it.' >&2; exit 1; }
cat >main.ts <<'TS'
import { createNexusClient, isNexusError, type Topology, type TransferProgress } from '@topology-nexus/client';

const nexus = createNexusClient({ url: 'http://127.0.0.1:9', token: 'none', retry: { maxAttempts: 1 } });
export async function use(onProgress: (progress: TransferProgress) => void): Promise<string> {
  try {
    const topology: Topology = await nexus.topologies.create.mutate({ name: 'a', architecture: 'transformer' });
    const file = await nexus.uploads.file(new Uint8Array(3), { kind: 'artifact', name: 'a.bin', onProgress });
    const bytes: Uint8Array = await nexus.downloads.bytes(file.id);
    // @ts-expect-error: an id is a number, not any
    topology.id.toUpperCase();
    // @ts-expect-error: there is no such field
    await nexus.topologies.get.query({ no: 1 });
    return `${topology.id + 1} ${bytes.length}`;
  } catch (error) {
    if (isNexusError(error, 'not_found')) return error.data.details.kind;
    if (isNexusError(error, 'conflict')) {
      const reason: 'conflict' = error.data.reason;
      const field: string | undefined = error.data.details.field;
      // @ts-expect-error: a conflict is nothing else
      return `${reason === 'not_found'} ${field}`;
    }
    return 'not reached';
  }
}
TS
for version in 5.9.3 6.0.3 7.0.2; do quietly npm install --prefix "$dir/typescript-$version" "typescript@$version"; done
compiles() { # file, most instantiations: by every TypeScript, in both ways to resolve
  local cost
  for version in 5.9.3 6.0.3 7.0.2; do
    for resolution in bundler nodenext; do
      module=$([ $resolution = bundler ] && echo esnext || echo nodenext)
      echo "{\"compilerOptions\":{\"target\":\"es2022\",\"module\":\"$module\",\"moduleResolution\":\"$resolution\",\"jsx\":\"react-jsx\",\"strict\":true,\"skipLibCheck\":false,\"outDir\":\"out\"},\"files\":[\"$1\"]}" >tsconfig.json
      quietly "$dir/typescript-$version/node_modules/.bin/tsc" -p . --extendedDiagnostics
      cost=$(sed -n 's/^Instantiations: *//p' "$dir/log")
      [ "$cost" -le "$2" ] || { echo "FAILED: $1 costs $cost instantiations with TypeScript $version; $2 are the most." >&2; exit 1; }
      echo "$1 compiled by TypeScript $version, $resolution: $cost instantiations"
    done
  done
}
compiles main.ts 87000
quietly node -e 'import("./out/main.js").then(async ({ use }) => { if (await use(() => {}) !== "not reached") process.exit(1); })'
echo "runs in Node $(node -p process.version)"
cat >bundle.mjs <<'JS'
import { createRequire } from 'node:module';
const { build } = await import(createRequire(`${process.argv[2]}/`).resolve('vite').replace(/^/, 'file://'));
const lib = { entry: 'out/main.js', formats: ['es'], fileName: 'main' };
const built = await build({ logLevel: 'error', configFile: false, build: { lib, write: false, minify: true } });
const chunks = [built].flat().flatMap(({ output }) => output).filter(({ type }) => type === 'chunk');
const imported = chunks.flatMap(({ code }) => code.match(/["']node:[a-z/]+["']|externalized for browser/g) ?? []);
if (imported.length > 0) throw new Error(`The bundle for browsers wants ${imported.join(', ')}.`);
console.log(`${Math.round(chunks.find(({ isEntry }) => isEntry).code.length / 1024)} KB of JavaScript for browsers`);
JS
node bundle.mjs "$root"
quietly "$root/node_modules/.bin/esbuild" out/main.js --bundle --format=esm --minify --platform=browser --outfile=out/bundle.js
if grep -oE "[\"']node:[a-z/]+[\"']" out/bundle.js; then echo 'FAILED: esbuild bundles something of Node’s for browsers.' >&2; exit 1; fi
echo "esbuild bundles it for browsers"

# The hooks, with what they ask for beside the package.
wanted() { node -p 'const p = JSON.parse(fs.readFileSync(process.argv[1])); process.argv.slice(2).map((n) => n + "@" + p.devDependencies[n]).join(" ")' "$root/client/package.json" "$@"; }
# shellcheck disable=SC2046
quietly npm install $(wanted react @tanstack/react-query @trpc/tanstack-react-query @types/react)
cat >hooks.tsx <<'TSX'
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query';
import { createNexusClient, type StoredObject } from '@topology-nexus/client';
import { NexusProvider, useContextFeed, useNexus, useNexusClient, useRunMetrics, useUpload } from '@topology-nexus/client/react';

const nexus = createNexusClient({ url: 'http://127.0.0.1:9', token: 'none' });
export const page = <NexusProvider client={nexus} queryClient={new QueryClient()}><Page /></NexusProvider>;
function Page() {
  const options = useNexus();
  const client = useNexusClient();
  const name: string | undefined = useQuery(options.topologies.get.queryOptions({ id: 1 })).data?.name;
  const create = useMutation(options.topologies.create.mutationOptions({ onError: ({ data }) => data?.reason }));
  const { curves, isLive } = useRunMetrics({ runId: 1, keys: ['loss'] });
  const { documents } = useContextFeed({ topologyId: 1 });
  const upload = useUpload((uploads, transfer, file: File) => uploads.file(file, { kind: 'artifact', name: file.name, ...transfer }));
  const object: StoredObject | undefined = upload.result;
  // @ts-expect-error: a curve is a list of points, not any
  curves.loss.toUpperCase();
  // @ts-expect-error: what is uploaded is a file
  upload.start('a path');
  const added = () => create.mutate({ name: 'a', architecture: 'transformer' });
  const asked = () => client.topologies.list.query({});
  return <p onClick={isLive ? added : asked}>{name} {documents[0]?.id} {object?.key} {curves.loss?.at(-1)?.value}</p>;
}
TSX
compiles hooks.tsx 213000
quietly node -e 'import("./out/hooks.js").then(({ page }) => { if (!page) process.exit(1); })'
echo 'the hooks load in Node, for rendering there'
