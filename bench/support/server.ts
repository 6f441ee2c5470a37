import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type ServerProcess = AsyncDisposable & { url: string; token: string; pid: number };

/** The address of the real PostgreSQL that a benchmark needs. Ends the process with the remedy where there is none. */
export function requireDatabaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (url) return url;
  process.stderr.write(
    'This benchmark needs a real PostgreSQL with pgvector: set DATABASE_URL (bash .ci/postgres.sh makes one and prints it).\n',
  );
  process.exit(2);
}

/** NEXUS_BENCH_PROFILE=DIRECTORY: what is started leaves its CPU profile there when it ends. */
const profiling = process.env.NEXUS_BENCH_PROFILE
  ? ['--cpu-prof', `--cpu-prof-dir=${process.env.NEXUS_BENCH_PROFILE}`]
  : [];

/** The product's server in a process of its own, on a free port and a fresh data directory. */
export async function startServerProcess(settings: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'nexus-bench-'));
  const child = spawn(
    process.execPath,
    [...profiling, '--no-warnings', fileURLToPath(new URL('../../server/main.ts', import.meta.url)), 'serve'],
    {
      env: {
        ...process.env,
        NEXUS_DATA_DIR: directory,
        NEXUS_PORT: '0',
        NEXUS_LOG_LEVEL: 'warn',
        NEXUS_CALLS_PER_MINUTE: '1000000000',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const { url, token } = await readStart(child);
  return {
    url,
    token,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      await stopped(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A reference written for a benchmark, in a process of its own; it prints `listening <url>`. */
export async function startReferenceProcess(
  file: URL,
  settings: NodeJS.ProcessEnv,
): Promise<AsyncDisposable & { url: string }> {
  const child = spawn(process.execPath, [...profiling, '--no-warnings', fileURLToPath(file)], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) {
    const url = line.match(/^listening (\S+)/)?.[1];
    if (url) return { url, [Symbol.asyncDispose]: () => stopped(child) };
  }
  throw new Error(`${file.pathname} ended before it listened.`);
}

async function readStart(child: ChildProcess): Promise<{ url: string; token: string }> {
  if (!child.stdout) throw new Error('The server prints nothing.');
  let url = '';
  let token = '';
  for await (const line of createInterface(child.stdout)) {
    url = line.match(/listens on (\S+)/)?.[1] ?? url;
    token = line.match(/(nexus_\S+)/)?.[1] ?? token;
    if (line.includes('Ready')) return { url, token };
  }
  throw new Error('The server ended before it was ready.');
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

/** Resident memory of a process (Linux). */
export function residentMiBOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
