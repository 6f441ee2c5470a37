import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createNexusClient } from '@topology-nexus/client';
import { expect } from 'vitest';
import { answeredMeanwhile } from './answered-meanwhile.ts';
import { anAdmin, aWorkspace } from './people.ts';
import { started } from './server-process.ts';
import { temporaryDirectory } from './temporary.ts';

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const betweenReadingsMs = 100;

export type Attacked = Awaited<ReturnType<typeof startAttacked>>;

/** A server as a process of its own, a good caller in one workspace, and an attacker's token of another. */
export async function startAttacked(settings: NodeJS.ProcessEnv = {}) {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const child = spawn(process.execPath, ['--no-warnings', main, 'serve'], {
    env: { ...process.env, NEXUS_DATA_DIR: directory.path, NEXUS_PORT: '0', NEXUS_LOG_LEVEL: 'silent', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  opened.defer(async () => {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  });
  const { url, token = '' } = await started(child);
  const admin = await anAdmin(url, token);
  const tokenOf = async (role: 'viewer' | 'editor') => {
    const workspace = await aWorkspace(url, admin);
    return (await workspace.aToken((await workspace.aMember(role)).userId)).token;
  };
  const [good, editor] = [await tokenOf('editor'), await tokenOf('editor')];
  const residentBytes = async () => {
    const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(await response.text())?.[1]);
  };
  const closing = opened.move();
  return {
    url,
    port: Number(new URL(url).port),
    operator: token,
    /** Token of an editor in a workspace apart from the good caller's. */
    attacker: editor,
    good: createNexusClient({ url, token: good }),
    tokenOf,
    /** Runs an attack while the good caller calls, and answers what it does and by how much the server's memory grew. */
    async under<Result>(attack: () => Promise<Result>): Promise<{ result: Result; grownBytes: number }> {
      const before = await residentBytes();
      let most = before;
      let isOver = false;
      const reading = (async () => {
        while (!isOver) {
          most = Math.max(most, await residentBytes());
          await pause(betweenReadingsMs);
        }
      })();
      try {
        const result = await answeredMeanwhile(this.good, attack);
        return { result, grownBytes: most - before };
      } finally {
        isOver = true;
        await reading;
        expect(child.exitCode).toBeNull();
      }
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
