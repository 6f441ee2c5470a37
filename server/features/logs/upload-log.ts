import { NexusError } from '../../errors.ts';
import type { Stores } from '../../stores/stores.ts';
import type { Actor } from '../actor.ts';
import { recordAudit } from '../audit/index.ts';
import { placeOf, type StoredObject, storeSmallObjectWith, todayInUtc } from '../objects/index.ts';
import type { UploadLogInput } from './contract.ts';
import { greatestNumber } from './store.ts';

const maxAttempts = 5;

/**
 * Stores a log of at most 16 MiB as `logs/<day>/<name>.log`, with -2, -3 … where the day has one of this name: a log is
 * never replaced. A string is text, anything else JSON. Throws `too_large`, and `conflict` where many uploads of one name
 * at one moment kept taking the number.
 */
export async function uploadLog(stores: Stores, actor: Actor, input: UploadLogInput): Promise<StoredObject> {
  const date = input.date ?? todayInUtc();
  const isText = typeof input.data === 'string';
  const content = {
    kind: 'log' as const,
    date,
    bytes: Buffer.from(typeof input.data === 'string' ? input.data : JSON.stringify(input.data)),
    contentType: isText ? 'text/plain; charset=utf-8' : 'application/json',
  };
  const { stem, extension } = splitName(input.name);
  const { bucket, key } = placeOf({ kind: 'log', name: stem, date });
  for (let attempt = 1; ; attempt += 1) {
    const taken = await greatestNumber(stores.db, actor, { bucket, stem: key, extension });
    const name = taken === 0 ? stem + extension : `${stem}-${taken + 1}${extension}`;
    try {
      return await storeSmallObjectWith(
        stores,
        actor,
        { ...content, name },
        async (tx, object) => {
          await recordAudit(tx, actor, 'logs.upload', `object:${object.id}`, { key: object.key });
          return object;
        },
        { isFreshOnly: true },
      );
    } catch (error) {
      // Another upload took the number in between.
      if (!(error instanceof NexusError && error.reason === 'conflict') || attempt >= maxAttempts) throw error;
    }
  }
}

function splitName(name: string): { stem: string; extension: string } {
  const at = /\.[A-Za-z0-9]{1,10}$/.exec(name);
  return at && at.index > 0 && name[at.index - 1] !== '/'
    ? { stem: name.slice(0, at.index), extension: at[0] }
    : { stem: name, extension: '.log' };
}
