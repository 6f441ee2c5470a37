import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { started } from './server-process.ts';
import { temporaryDirectory } from './temporary.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/** Root in a namespace of its own, whose mounts nobody else sees. */
const own = ['--user', '--map-root-user', '--mount'];

/** Why no disk can be mounted here for a test; undefined where one can. */
export const noSmallDisk: string | undefined = (() => {
  try {
    execFileSync('unshare', [...own, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore', timeout: 10_000 });
    return undefined;
  } catch {
    const reason = 'SKIPPED: this system lets no ordinary user mount a small disk (unshare --user --mount).';
    process.stderr.write(`${reason}\n`);
    return reason;
  }
})();

/** Environment without stores at addresses: the embedded ones are what is tested. */
export const embedded = { DATABASE_URL: '', S3_ENDPOINT: '', S3_ACCESS_KEY: '', S3_SECRET_KEY: '', COUCHDB_URL: '' };

/** Runs what it is told beside the server, in the mounts that only the two of them see, and says when it is done. */
const script = `mount -t tmpfs -o size="$SIZE" tmpfs "$NEXUS_DATA_DIR" || exit 9
cd "$NEXUS_DATA_DIR" || exit 9
if [ -n "$BEFORE" ]; then eval "$BEFORE"; fi
"$@" 0</dev/null & server=$!
( while read -r line; do eval "$line" >/dev/null 2>&1; echo done >&3; done ) <&4 & asked=$!
wait $server; code=$?; kill $asked; exit $code`;

/** A server whose data directory is a disk of its own, of `size` as mount takes it. `before` is a line of shell on the empty disk. */
export async function startOnSmallDisk(size: string, before = '') {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const child = spawn('unshare', [...own, 'sh', '-c', script, 'sh', process.execPath, main, 'serve'], {
    env: {
      ...process.env,
      ...embedded,
      NEXUS_DATA_DIR: directory.path,
      NEXUS_PORT: '0',
      NEXUS_LOG_LEVEL: 'silent',
      SIZE: size,
      BEFORE: before,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let errors = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    errors += bytes;
  });
  const ended = once(child, 'close').then(([code]) => Number(code));
  opened.defer(async () => {
    // The shell and the server are a process group of their own.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  const closing = opened.move();
  return {
    directory: directory.path,
    child,
    /** Its standard error so far. */
    errors: () => errors,
    /** Its exit code, when it has ended. */
    ended,
    ready: () => started(child),
    /** Runs a line of shell on the disk. */
    run: (line: string) => told(child, line),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function told(child: ChildProcess, line: string): Promise<void> {
  const [, , , answers, asking] = child.stdio;
  if (!answers || !asking || !('write' in asking)) throw new Error('The shell has no pipes.');
  const done = once(answers, 'data');
  asking.write(`${line}\n`);
  await done;
}
