import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { CheckedDatabase } from './checked-database.ts';
import { damaged, fromCopy } from './damage.ts';

/** A process that is killed leaves a file for each upload that it had in work; beyond this and a tenth of all it is another matter. */
const fewStrays = 16;
const fewShare = 0.1;

/** Throws `precondition_failed` where there are objects' bytes, but no index that knows whose they are. */
export async function refuseWithoutIndex(index: string, files: string): Promise<void> {
  if (existsSync(index) && (await stat(index)).size > 0) return;
  const { length } = await readdir(files);
  if (length > 0)
    throw damaged(index, `is missing or empty, though ${files} has ${length} files`, fromCopy(dirname(index)));
}

const Named = z.object({ file: z.string() });

/**
 * Removes files that no row names, for a process that was killed left them. Where they are many, or rows name files that are
 * not there, the index may be what is wrong: then they are set aside, in a folder beside the others.
 */
export async function clearStrays(
  prepare: CheckedDatabase['prepare'],
  files: string,
  log: Logger | undefined,
): Promise<void> {
  const strays = new Set(await readdir(files));
  const { size: all } = strays;
  let missing = 0;
  const rows = `select json_extract(segment.value, '$.file') as file from objects, json_each(objects.segments) as segment
    union all select file from parts`;
  for (const row of prepare(rows).iterate()) if (!strays.delete(Named.parse(row).file)) missing += 1;
  if (missing > 0) log?.error({ missing, files }, 'Files of objects are missing; verify tells which objects they are.');
  if (strays.size === 0) return;
  if (missing === 0 && strays.size <= Math.max(fewStrays, all * fewShare)) {
    for (const file of strays) await rm(join(files, file), { force: true });
    return;
  }
  const aside = join(dirname(files), `set-aside-${new Date().toISOString().replaceAll(':', '-')}`);
  await mkdir(aside, { mode: 0o700 });
  for (const file of strays) await rename(join(files, file), join(aside, file));
  log?.warn(
    { count: strays.size, aside },
    'Files that no object has were set aside; remove them when nothing is missing.',
  );
}
