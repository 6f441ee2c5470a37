import { z } from 'zod';
import type { SafetensorsContents } from './contract.ts';

/** The format allows 100 MB; the largest models' headers have a few. */
export const maxHeaderBytes = 25 * 1024 * 1024;

/** Bits of one number of each dtype of the format. */
const bitsOf: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
};

/** A page of a thousand tensors is to stay an answer of a few MB. */
const maxNameLength = 4_096;

const Entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(64),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

export type Tensor = { name: string; dtype: string; shape: number[]; parameterCount: number; sizeBytes: number };
export type Header = { tensors: Tensor[]; metadata: Record<string, string> };

/** How long the header is, from the file's first 8 bytes; a text where the file cannot be one. */
export function headerBytesOf(first: Buffer, sizeBytes: number): number | string {
  if (first.length < 8) return 'it has fewer than 8 bytes';
  const length = first.readBigUInt64LE(0);
  if (length > BigInt(sizeBytes - 8)) return `its header claims ${length} bytes, more than the file has`;
  if (length > BigInt(maxHeaderBytes)) return `its header has ${length} bytes; at most ${maxHeaderBytes} are read`;
  if (length < 2n) return 'its header is empty';
  return Number(length);
}

/**
 * Reads a header (github.com/huggingface/safetensors, "Format"): every tensor's bytes must fit its dtype and shape, and all
 * of them together must be the rest of the file, without gap or overlap. A text says what is wrong.
 */
export function parseHeader(header: Buffer, dataBytes: number): Header | string {
  let document: unknown;
  try {
    document = JSON.parse(header.toString('utf8'));
  } catch {
    return 'its header is not JSON';
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return 'its header is no object';
  const tensors: (Tensor & { from: number; to: number })[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(document)) {
    if (name === '__metadata__') {
      const parsed = z.record(z.string(), z.string()).safeParse(value);
      if (!parsed.success) return 'its __metadata__ is not text by text';
      metadata = parsed.data;
      continue;
    }
    const tensor = tensorOf(name, value);
    if (typeof tensor === 'string') return tensor;
    tensors.push(tensor);
  }
  let end = 0;
  for (const { name, from, to } of [...tensors].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) return `the bytes of the tensor "${shown(name)}" begin at ${from}, where ${end} is next`;
    end = to;
  }
  if (end !== dataBytes) return `its tensors have ${end} bytes, but the file has ${dataBytes} after the header`;
  return { tensors: tensors.map(({ from: _from, to: _to, ...tensor }) => tensor), metadata };
}

function tensorOf(name: string, value: unknown): (Tensor & { from: number; to: number }) | string {
  if (name.length > maxNameLength)
    return `a tensor's name has ${name.length} characters; at most ${maxNameLength} are read`;
  const parsed = Entry.safeParse(value);
  if (!parsed.success) return `the tensor "${shown(name)}" has no dtype, shape and data_offsets`;
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const bits = Object.hasOwn(bitsOf, dtype) ? bitsOf[dtype] : undefined;
  if (bits === undefined) return `the tensor "${shown(name)}" has the unknown dtype "${shown(dtype)}"`;
  const parameterCount = shape.reduce((product, size) => product * size, 1);
  const [from, to] = offsets;
  const sizeBytes = (parameterCount * bits) / 8;
  if (to - from !== sizeBytes) {
    return `the tensor "${shown(name)}" is ${dtype} [${shape.join(', ')}], which are ${sizeBytes} bytes, but has ${to - from}`;
  }
  return { name, dtype, shape, parameterCount, sizeBytes, from, to };
}

/** The first entries of 16 KiB in all: the row is read in lists. */
function keptOf(metadata: Record<string, string>): Record<string, string> {
  let left = 16 * 1024;
  const kept = Object.entries(metadata).filter(([name, value]) => {
    left -= Buffer.byteLength(name) + Buffer.byteLength(value);
    return left >= 0;
  });
  return Object.fromEntries(kept);
}

const maxTargets = 1000;
const shown = (text: string) => text.slice(0, 200);

/** The summary kept of a header: counts, dtypes, and the LoRA pairs as PEFT names them (`….q_proj.lora_A.weight`). */
export function summaryOf({ tensors, metadata }: Header): SafetensorsContents {
  const dtypes: Record<string, number> = {};
  const ranks = new Set<number>();
  const targetModules = new Set<string>();
  for (const { name, dtype, shape, parameterCount } of tensors) {
    dtypes[dtype] = (dtypes[dtype] ?? 0) + parameterCount;
    const pair = /(?:^|\.)([^.]+)\.lora_(?:embedding_)?([AB])(?:\.[^.]+)?(?:\.weight)?$/.exec(name);
    if (!pair) continue;
    const isEmbedding = name.includes('.lora_embedding_');
    // A is [rank, in] and B [out, rank]; an embedding's are the other way about in the file too: A [rank, rows], B [width, rank].
    const rank = pair[2] === 'A' ? shape[0] : shape[1];
    if (rank !== undefined && !isEmbedding) ranks.add(rank);
    if (pair[1] !== undefined) targetModules.add(pair[1]);
  }
  return {
    format: 'safetensors',
    tensorCount: tensors.length,
    parameterCount: tensors.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
    dtypes,
    metadata: keptOf(metadata),
    adapter:
      targetModules.size > 0
        ? { ranks: [...ranks].sort((a, b) => a - b), targetModules: [...targetModules].sort().slice(0, maxTargets) }
        : null,
  };
}
