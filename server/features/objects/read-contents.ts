import { z } from 'zod';
import { invalidInput, NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import type { Stores } from '../../stores/stores.ts';
import type { AdapterConfigContents, ObjectContents, ObjectTensors, ObjectTensorsInput } from './contract.ts';
import { readyOnly, requireObject } from './get-object.ts';
import { readPiece } from './hash-object.ts';
import { type HeaderPages, tensorsOf } from './header-pages.ts';
import { hasContents } from './layout.ts';
import { readHeaderOnce } from './read-header.ts';
import { headerBytesOf } from './safetensors.ts';
import { type ObjectRow, objectPrefixOf } from './store.ts';

const maxConfigBytes = 1024 * 1024;

/** The bytes claim by their name to be what they are not. */
export class CorruptContents extends NexusError {
  constructor(row: ObjectRow, problem: string) {
    super(
      'precondition_failed',
      `${row.key} is not what its name says: ${problem}. It is removed; send a whole file.`,
      {
        details: { id: row.id, key: row.key, problem },
      },
    );
  }
}

/**
 * Contents of an object whose name promises them, by ranged reads: a safetensors header, never the tensors, or a PEFT
 * `adapter_config.json` of at most 1 MiB. null for every other name. Throws CorruptContents.
 */
export async function readContents(stores: Stores, row: ObjectRow, prefix: string): Promise<ObjectContents | null> {
  if (!hasContents(row.key)) return null;
  const contents = row.key.endsWith('.safetensors')
    ? (await readHeader(stores, row, prefix)).summary
    : await readConfig(stores, row, prefix);
  // Neither can be stored: JSON writes the one as \u0000 and the other as \ud800 to \udfff.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(contents))) {
    throw new CorruptContents(row, 'a name in it holds NUL or half a surrogate pair');
  }
  return contents;
}

async function readConfig(stores: Stores, row: ObjectRow, prefix: string): Promise<AdapterConfigContents> {
  if (row.sizeBytes === 0) throw new CorruptContents(row, 'it is empty');
  if (row.sizeBytes > maxConfigBytes) throw new CorruptContents(row, `a config of ${row.sizeBytes} bytes is none`);
  const bytes = await readPiece(stores, row.storedBucket, prefix + row.storedKey, {
    offset: 0,
    lengthBytes: row.sizeBytes,
  });
  return parseConfig(row, bytes);
}

/** Tensors of a ready safetensors file, read from its header. Throws `not_found`, `invalid_input` for another file. */
export async function listTensors(stores: Stores, actor: Actor, input: ObjectTensorsInput): Promise<ObjectTensors> {
  const { id, offset, limit } = input;
  const row = readyOnly(await requireObject(stores.db, actor, id));
  if (!row.key.endsWith('.safetensors')) {
    throw invalidInput(
      'id',
      `Object ${id} is ${row.key}, which is no safetensors file; only those list their tensors.`,
    );
  }
  const header = await readHeader(stores, row, await objectPrefixOf(stores.db, actor));
  const tensors = tensorsOf(header, offset, limit);
  const next = offset + tensors.length;
  const { tensorCount } = header;
  return { tensorCount, tensors, nextOffset: tensors.length > 0 && next < tensorCount ? next : null };
}

async function readHeader(stores: Stores, row: ObjectRow, prefix: string): Promise<HeaderPages> {
  const read = () => headerBytes(stores, row, prefix);
  const header = await readHeaderOnce({
    workspaceId: row.workspaceId,
    objectId: row.status === 'ready' ? row.id : undefined,
    read,
  });
  if (typeof header === 'string') throw new CorruptContents(row, header);
  return header;
}

async function headerBytes(stores: Stores, row: ObjectRow, prefix: string) {
  if (row.sizeBytes < 8) return 'it has fewer than 8 bytes';
  const key = prefix + row.storedKey;
  const first = await readPiece(stores, row.storedBucket, key, { offset: 0, lengthBytes: 8 });
  const lengthBytes = headerBytesOf(first, row.sizeBytes);
  if (typeof lengthBytes === 'string') return lengthBytes;
  const bytes = await readPiece(stores, row.storedBucket, key, { offset: 8, lengthBytes });
  return { bytes, dataBytes: row.sizeBytes - 8 - lengthBytes };
}

/** PEFT's LoraConfig as it is saved; other methods share `peft_type` and `base_model_name_or_path`. */
const PeftConfig = z.object({
  peft_type: z.string().max(100),
  r: z.int().min(1).nullish(),
  lora_alpha: z.number().nullish(),
  lora_dropout: z.number().nullish(),
  target_modules: z.union([z.array(z.string()), z.string()]).nullish(),
  base_model_name_or_path: z.string().nullish(),
  rank_pattern: z.record(z.string(), z.int().min(1)).nullish(),
});

function parseConfig(row: ObjectRow, bytes: Buffer): AdapterConfigContents {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new CorruptContents(row, 'it is not JSON');
  }
  const parsed = PeftConfig.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CorruptContents(row, `${issue?.path.join('.') || 'the config'}: ${issue?.message}`);
  }
  const { data } = parsed;
  const targets = data.target_modules ?? null;
  return {
    format: 'peft-adapter-config',
    peftType: data.peft_type,
    rank: data.r ?? null,
    alpha: data.lora_alpha ?? null,
    dropout: data.lora_dropout ?? null,
    targetModules: Array.isArray(targets) ? [...targets].sort() : null,
    targetPattern: typeof targets === 'string' ? targets : null,
    baseModel: data.base_model_name_or_path ?? null,
    otherRanks: [...new Set(Object.values(data.rank_pattern ?? {}))].sort((a, b) => a - b),
  };
}
