/**
 * What the client's types cost a project: type instantiations, types and the time that tsc takes, for a file that uses ten
 * procedures of ten nouns beside an empty one, each compiled several times in turn; times are medians. The client is the
 * built one, as it is published, with `skipLibCheck` on and off. What it brings, Node's types too, counts as its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rounds = 5;
const root = fileURLToPath(new URL('..', import.meta.url));

const use = `import { createNexusClient, isNexusError } from '@topology-nexus/client';
const nexus = createNexusClient({ url: 'http://127.0.0.1:3000', token: 'none' });
export async function use() {
  const topology = await nexus.topologies.create.mutate({ name: 'a', architecture: 'transformer' });
  const adapter = await nexus.modules.create.mutate({ topologyId: topology.id, name: 'adapter', rank: 8 });
  const model = await nexus.models.upload.mutate({ name: 'a', modelData: {}, moduleId: adapter.id });
  const checkpoints = await nexus.checkpoints.list.query({ topologyId: topology.id });
  const note = await nexus.context.add.mutate({ type: 'note', data: 'a', topologyId: topology.id });
  const session = await nexus.sessions.create.mutate({ sessionType: 'review' });
  const experiment = await nexus.experiments.create.mutate({ name: 'a', topologyId: topology.id });
  const annotations = await nexus.annotations.list.query({});
  const hits = await nexus.chunks.search.query({ text: 'a' });
  const object = await nexus.uploads.file('a.bin', { kind: 'artifact', name: 'a.bin' });
  try {
    await nexus.users.me.query();
  } catch (error) {
    if (isNexusError(error, 'not_found')) return error.data.details.kind;
  }
  return { model, checkpoints, note, session, experiment, annotations, hits, object };
}
`;

execFileSync('npm', ['run', 'build', '-w', 'client'], { cwd: root, stdio: 'pipe' });
const folder = mkdtempSync(join(tmpdir(), 'nexus-bench-types-'));
try {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'client.ts'), use);
  writeFileSync(join(folder, 'empty.ts'), 'export {};\n');
  for (const skipLibCheck of [true, false]) {
    const measured = { client: [] as Measured[], empty: [] as Measured[] };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['client', 'empty'] as const) measured[name].push(compile(name, skipLibCheck));
    }
    const [client, empty] = [of(measured.client), of(measured.empty)];
    process.stdout.write(
      `skipLibCheck ${skipLibCheck}: the client costs ${client.instantiations - empty.instantiations} instantiations, ${client.types - empty.types} types and ${((client.seconds - empty.seconds) * 1000).toFixed(0)} ms (tsc ${(client.seconds * 1000).toFixed(0)} ms, of an empty file ${(empty.seconds * 1000).toFixed(0)} ms)\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Measured = { instantiations: number; types: number; seconds: number };

function compile(name: string, skipLibCheck: boolean): Measured {
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck,
  };
  const project = join(folder, 'tsconfig.json');
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  const startedAt = performance.now();
  const told = execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', project, '--extendedDiagnostics'], {
    encoding: 'utf8',
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const figure = (label: string) => {
    const found = new RegExp(`^${label}:\\s+(\\d+)`, 'm').exec(told)?.[1];
    if (found === undefined) throw new Error(`tsc does not tell its ${label}.`);
    return Number(found);
  };
  return { instantiations: figure('Instantiations'), types: figure('Types'), seconds };
}

function of(runs: readonly Measured[]): Measured {
  const inOrder = runs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = inOrder[Math.floor(inOrder.length / 2)];
  if (!middle) throw new Error('Nothing was measured.');
  return middle;
}
