import { z } from 'zod';
import { NewChunk } from '../chunks/index.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Many data sets call it text. */
const Aliased = z.looseObject({ text: z.string(), content: z.undefined().optional() });
/** Files are made by others' programs: what a chunk has no field for is passed over. */
const Line = z.object(NewChunk.shape);

/** A line as a chunk, or why it is none; undefined for an empty line, which is passed over. */
export function parseLine(bytes: Buffer | undefined): NewChunk | string | undefined {
  if (!bytes) return 'is longer than 1 MiB';
  let line: unknown;
  try {
    const text = utf8.decode(bytes).trim();
    if (text === '') return undefined;
    line = JSON.parse(text);
  } catch (error) {
    return error instanceof SyntaxError ? 'is not JSON' : 'is not UTF-8';
  }
  const aliased = Aliased.safeParse(line);
  const parsed = Line.safeParse(aliased.success ? { ...aliased.data, content: aliased.data.text } : line);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'is no chunk'}`.slice(0, 500);
}
