import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32c } from './crc32c.ts';
import { damaged, fromCopy } from './damage.ts';

const blockBytes = 32 * 1024;
const headerBytes = 7;

/**
 * Looks through the CURRENT, the MANIFEST and the logs of a LevelDB, which passes over what it cannot read in them and
 * throws it away. Throws `precondition_failed` with the file that is damaged.
 * https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
export async function checkLevelFiles(folder: string): Promise<void> {
  const wayBack = fromCopy(dirname(folder));
  const current = join(folder, 'CURRENT');
  const named = await readFile(current, 'utf8').catch(() => '');
  if (!/^MANIFEST-\d+\n$/.test(named)) throw damaged(current, 'is missing or damaged', wayBack);
  const manifest = join(folder, named.trim());
  if (!(await stat(manifest).catch(() => undefined))) throw damaged(manifest, 'is missing', wayBack);
  const logs = (await readdir(folder)).filter((name) => /^\d+\.log$/.test(name)).map((name) => join(folder, name));
  for (const file of [manifest, ...logs]) {
    if (!isWholeLog(await readFile(file))) throw damaged(file, 'is damaged', wayBack);
  }
}

/** Whether each record has its checksum; the last may be cut off, as a killed process leaves it. */
function isWholeLog(bytes: Buffer): boolean {
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const left = blockBytes - (at % blockBytes);
    if (left < headerBytes) {
      at += left;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const end = at + headerBytes + length;
    if (end > bytes.length) return true;
    if (headerBytes + length > left) return false;
    if (unmasked(bytes.readUInt32LE(at)) !== crc32c(bytes.subarray(at + 6, end))) return false;
    at = end;
  }
  return true;
}

/** LevelDB turns its checksums and adds a constant, for a log may hold other logs. */
function unmasked(stored: number): number {
  const turned = (stored - 0xa282ead8) >>> 0;
  return ((turned >>> 17) | (turned << 15)) >>> 0;
}
