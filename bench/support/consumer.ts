import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Uses ten procedures of ten nouns. */
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

export type Compiled = {
  instantiations: number;
  types: number;
  seconds: number;
  /** Files that the compiler read, below the repository. */
  files: readonly string[];
};

/**
 * A project that has the built client and what it brings, and nothing else: `client` uses ten procedures of ten nouns,
 * `empty` nothing. Compiled by the TypeScript of the repository.
 */
export function openConsumer(): Disposable & { compile(name: 'client' | 'empty', skipLibCheck: boolean): Compiled } {
  execFileSync('npm', ['run', 'build', '-w', 'client'], { cwd: root, stdio: 'pipe' });
  const folder = mkdtempSync(join(tmpdir(), 'nexus-consumer-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'client.ts'), use);
  writeFileSync(join(folder, 'empty.ts'), 'export {};\n');
  return {
    compile(name, skipLibCheck) {
      const project = join(folder, 'tsconfig.json');
      const module = 'nodenext';
      const compilerOptions = { target: 'es2022', module, strict: true, noEmit: true, skipLibCheck };
      writeFileSync(project, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
      const startedAt = performance.now();
      const asked = ['-p', project, '--extendedDiagnostics', '--listFiles'];
      const told = execFileSync(join(root, 'node_modules/.bin/tsc'), asked, {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      });
      const seconds = (performance.now() - startedAt) / 1000;
      const figure = (label: string) => {
        const found = new RegExp(`^${label}:\\s+(\\d+)`, 'm').exec(told)?.[1];
        if (found === undefined) throw new Error(`tsc does not tell its ${label}.`);
        return Number(found);
      };
      const top = `${realpathSync(root)}/`;
      const files = told.split('\n').flatMap((line) => (line.startsWith('/') ? [realpathSync(line.trim())] : []));
      return {
        instantiations: figure('Instantiations'),
        types: figure('Types'),
        seconds,
        files: files.filter((file) => file.startsWith(top)).map((file) => file.slice(top.length)),
      };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
