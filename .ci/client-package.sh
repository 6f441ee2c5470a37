#!/usr/bin/env bash
# Packs the client and uses it as its users do: publint and attw find nothing, it compiles in an empty project with every
# TypeScript that is supported, runs in this Node, and is bundled for browsers without anything of Node's.
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
    return 'not reached';
  }
}
TS
for version in 5.9.3 6.0.3 7.0.2; do
  quietly npm install --prefix "$dir/typescript-$version" "typescript@$version"
  for resolution in bundler nodenext; do
    module=$([ $resolution = bundler ] && echo esnext || echo nodenext)
    echo "{\"compilerOptions\":{\"target\":\"es2022\",\"module\":\"$module\",\"moduleResolution\":\"$resolution\",\"strict\":true,\"skipLibCheck\":false,\"outDir\":\"out\"},\"files\":[\"main.ts\"]}" >tsconfig.json
    quietly "$dir/typescript-$version/node_modules/.bin/tsc" -p .
    echo "compiled by TypeScript $version, $resolution"
  done
done
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
