import type { SafetensorsContents } from './contract.ts';
import { parseHeader, summaryOf, type Tensor } from './safetensors.ts';

const pageTensors = 1_000;

/** A header as it is kept: what is said of it in lists, and its tensors in pages of a thousand, each as JSON. */
export type HeaderPages = { summary: SafetensorsContents; tensorCount: number; pages: Uint8Array<ArrayBuffer>[] };

/** Reads a header as `parseHeader` does. A text says what is wrong. */
export function toHeaderPages(bytes: Uint8Array, dataBytes: number): HeaderPages | string {
  const header = parseHeader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), dataBytes);
  if (typeof header === 'string') return header;
  const { tensors } = header;
  const encoder = new TextEncoder();
  const pages = Array.from({ length: Math.ceil(tensors.length / pageTensors) }, (_, at) =>
    encoder.encode(JSON.stringify(tensors.slice(at * pageTensors, (at + 1) * pageTensors))),
  );
  return { summary: summaryOf(header), tensorCount: tensors.length, pages };
}

/** At most `limit` tensors from `offset` on. */
export function tensorsOf({ pages }: HeaderPages, offset: number, limit: number): Tensor[] {
  const first = Math.floor(offset / pageTensors);
  const wanted = pages.slice(first, Math.ceil((offset + limit) / pageTensors));
  // They are our own: `toHeaderPages` wrote them.
  const tensors = wanted.flatMap((page): Tensor[] => JSON.parse(Buffer.from(page).toString('utf8')));
  return tensors.slice(offset - first * pageTensors, offset - first * pageTensors + limit);
}
