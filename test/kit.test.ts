import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { problemOfName } from '../kit/new-noun.ts';
import { singularOf } from '../kit/singular.ts';
import { temporaryDirectory } from './support/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const boundMs = 240_000;
const notCopied = new Set(['node_modules', '.git', '.nexus', '.env', 'dist', 'coverage']);

/** The repository as it is, with the packages that are installed and with its own client. */
async function aCopy(path: string): Promise<void> {
  await cp(root, path, { recursive: true, filter: (from) => !notCopied.has(basename(from)) });
  await mkdir(join(path, 'node_modules/@topology-nexus'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name === '@topology-nexus') await symlink('../../client', join(path, 'node_modules', name, 'client'));
    else if (!/^\.(?!bin)/.test(name))
      await symlink(join(root, 'node_modules', name), join(path, 'node_modules', name));
  }
}

/** Runs npm there as from a shell, for this suite's own settings are not those of the copy's. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|npm_|NODE_ENV)/.test(name)));
  const ended = await promisify(execFile)('npm', args, { cwd, env, timeout: boundMs }).catch((error: unknown) => {
    throw new Error(`npm ${args.join(' ')}: ${Object(error).stdout}${Object(error).stderr}`);
  });
  return ended.stdout;
}

test('a new noun passes the check and its own test as it is written', { timeout: boundMs }, async () => {
  await using copy = await temporaryDirectory();
  await aCopy(copy.path);
  expect(await npm(copy.path, 'run', '-s', 'new', '--', 'noun', 'classes')).toContain('test/features/classes.test.ts');
  await npm(copy.path, 'run', '-s', 'check');
  expect(await npm(copy.path, 'test', '--', 'test/features/classes.test.ts')).toMatch(/Tests .*5 passed/);
});

test.each([
  ['no name at all', ''],
  ['a singular', 'schedule'],
  ['no identifier', 'two-words'],
  ['a path', '../classes'],
  ['a capital', 'Schedules'],
  ['a word of the language', 'this'],
  ['a noun that is there', 'topologies'],
  ['a noun without a folder of its own', 'members'],
  ['a table', 'metrics'],
  ['a type of the client', 'tensors'],
  ['a type of the language', 'records'],
  ['a variable of the templates', 'values'],
  ['a part of the client', 'uploads'],
])('%s is refused in one line', (_, name) => {
  expect(problemOfName(name)).toMatch(/^.*choose another name\.$|^.*such as "schedules"\.$/);
});

test.each(['kind', 'noun', 'noun schedules weekly', 'noun topologies'])('`new %s` ends with 2', async (args) => {
  const command = ['--no-warnings', join(root, 'kit/new.ts'), ...args.split(' ')];
  await expect(promisify(execFile)(process.execPath, command)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^[^\n]+\n$/),
  });
});

test.each([
  ['topologies', 'topology'],
  ['batches', 'batch'],
  ['classes', 'class'],
  ['boxes', 'box'],
  ['schedules', 'schedule'],
])('one of %s is a %s', (plural, singular) => expect(singularOf(plural)).toBe(singular));
