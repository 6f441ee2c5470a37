import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../server/stores/embedded/data-directory.ts';

const modulePath = fileURLToPath(new URL('../../server/stores/embedded/data-directory.ts', import.meta.url));

async function aDirectory() {
  const parent = await mkdtemp(join(tmpdir(), 'nexus-directory-'));
  return {
    path: join(parent, 'data'),
    async [Symbol.asyncDispose]() {
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** A process of its own that opens the directory and says how that went on its first line. */
async function aHolder(path: string) {
  const program = `
    import { pathToFileURL } from 'node:url';
    const { openDataDirectory } = await import(pathToFileURL(process.argv[1]).href);
    process.emitWarning('something else');
    try { await openDataDirectory(process.argv[2]); console.log('open'); }
    catch (error) { console.log(error.reason + ' ' + error.message); process.exit(1); }
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, modulePath, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const [said] = await once(createInterface(child.stdout), 'line');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { pid: child.pid, said: String(said), stderr: () => errors, kill, [Symbol.asyncDispose]: kill };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const onPosix = it.skipIf(process.platform === 'win32');

describe('the data directory', () => {
  it('refuses a second process, naming the directory, its holder and the remedy', async () => {
    await using temporary = await aDirectory();
    await using directory = await openDataDirectory(temporary.path);
    await using second = await aHolder(directory.path);
    expect(second.said).toMatch(/^conflict /);
    expect(second.said).toContain(directory.path);
    expect(second.said).toContain(`process ${process.pid};`);
    expect(second.said).toContain('another data directory');
  });

  it('is free as soon as its holder is killed', async () => {
    await using temporary = await aDirectory();
    await using holder = await aHolder(temporary.path);
    expect(holder.said).toBe('open');
    await expect(openDataDirectory(temporary.path)).rejects.toMatchObject({
      reason: 'conflict',
      message: expect.stringContaining(String(holder.pid)),
    });
    await holder.kill();
    await using directory = await openDataDirectory(temporary.path);
    expect(directory.path).toBe(temporary.path);
  });

  it('refuses a second opening in the same process, and stays locked after it', async () => {
    await using temporary = await aDirectory();
    await using first = await openDataDirectory(temporary.path);
    await expect(openDataDirectory(first.path)).rejects.toMatchObject({ reason: 'conflict' });
    await using second = await aHolder(first.path);
    expect(second.said).toMatch(/^conflict /);
  });

  it('keeps its secrets from one opening to the next, 256 bits each and all different', async () => {
    await using temporary = await aDirectory();
    const first = await openDataDirectory(temporary.path);
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await using second = await openDataDirectory(temporary.path);
    expect(second.secrets).toEqual(first.secrets);
    const values = Object.values(second.secrets);
    expect(new Set(values).size).toBe(4);
    for (const value of values) expect(value).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says which file is at fault when the secrets cannot be understood, and lets go of the lock', async () => {
    await using temporary = await aDirectory();
    const first = await openDataDirectory(temporary.path);
    await first.writeSecret('secrets.json', '{"s3AccessKey": "secret-of-mine"');
    await first[Symbol.asyncDispose]();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const failure: unknown = await openDataDirectory(temporary.path).catch((error: unknown) => error);
      expect(failure).toMatchObject({ reason: 'unavailable', message: expect.stringContaining('secrets.json') });
      expect(String(failure)).not.toContain('secret-of-mine');
    }
  });

  onPosix('is closed to other users, and so is every file in it', async () => {
    await using temporary = await aDirectory();
    await using directory = await openDataDirectory(temporary.path);
    await directory.writeSecret('token.txt', 'one');
    expect(await modeOf(directory.path)).toBe(0o700);
    for (const name of await readdir(directory.path)) expect(await modeOf(join(directory.path, name))).toBe(0o600);
  });

  it('replaces a file whole, leaves nothing beside it, and reads undefined where there is none', async () => {
    await using temporary = await aDirectory();
    await using directory = await openDataDirectory(temporary.path);
    expect(await directory.readText('token.txt')).toBeUndefined();
    const before = await readdir(directory.path);
    await directory.writeSecret('token.txt', 'one');
    await directory.writeSecret('token.txt', 'two');
    expect(await directory.readText('token.txt')).toBe('two');
    expect((await readdir(directory.path)).sort()).toEqual([...before, 'token.txt'].sort());
  });

  it('refuses a name that leaves the directory or touches the lock', async () => {
    await using temporary = await aDirectory();
    await using directory = await openDataDirectory(temporary.path);
    for (const name of ['../outside', '..', 'a/b', 'a\\b', '', 'lock.db', 'lock.pid']) {
      expect(() => directory.writeSecret(name, 'x')).toThrow(/plain file name/);
    }
  });

  it('prints no warning about SQLite and hides no other', async () => {
    await using temporary = await aDirectory();
    await using holder = await aHolder(temporary.path);
    await holder.kill();
    expect(holder.stderr()).toContain('something else');
    expect(holder.stderr()).not.toMatch(/sqlite/i);
  });
});
