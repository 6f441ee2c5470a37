import { createHash } from 'node:crypto';
import { NexusError } from '../../errors.ts';
import type { Actor } from '../../procedure/actor.ts';
import { isViolationOf } from '../../stores/postgres.ts';
import type { Stores } from '../../stores/stores.ts';
import { recordAudit } from '../audit/index.ts';
import { placeOf, requireReadyObject, type StoredObject, storeSmallObjectWith, todayInUtc } from '../objects/index.ts';
import type { UploadLogInput } from './contract.ts';
import { findLogOf, greatestNumber, setRequestId } from './store.ts';

const maxAttempts = 5;

/**
 * Stores a log of at most 16 MiB as `logs/<day>/<name>.log`, with -2, -3 … where the day has one of this name: a log is
 * never replaced. A string is text, anything else JSON. A call with the `requestId` of an earlier one answers what that
 * stored, also where both come at once. Throws `too_large`, and `conflict` where the `requestId` was that of another log or
 * where many uploads of one name at one moment kept taking the number.
 */
export async function uploadLog(stores: Stores, actor: Actor, input: UploadLogInput): Promise<StoredObject> {
  const bytes = Buffer.from(typeof input.data === 'string' ? input.data : JSON.stringify(input.data));
  const made = await findMade(stores, actor, input, bytes);
  if (made) return made;
  try {
    return await storeLog(stores, actor, input, bytes);
  } catch (error) {
    const other = isViolationOf(error, 'stored_objects_request_key') && (await findMade(stores, actor, input, bytes));
    if (other) return other;
    throw error;
  }
}

/** The log that an earlier call with the same `requestId` stored. */
async function findMade(
  stores: Stores,
  actor: Actor,
  { requestId, name, date }: UploadLogInput,
  bytes: Buffer,
): Promise<StoredObject | undefined> {
  const id = requestId === undefined ? undefined : await findLogOf(stores.db, actor, requestId);
  if (id === undefined) return undefined;
  const log = await requireReadyObject(stores.db, actor, id);
  const { stem, extension } = splitName(name);
  const [, day = '', file = ''] = /^logs\/([^/]+)\/(.*)$/s.exec(log.key) ?? [];
  const isSame =
    log.sha256 === createHash('sha256').update(bytes).digest('hex') &&
    (date === undefined || date === day) &&
    file.startsWith(stem) &&
    file.endsWith(extension);
  if (isSame) return log;
  throw new NexusError(
    'conflict',
    `requestId ${requestId} is that of the log ${log.key}, which has other bytes, another name or another day; give each log a new one.`,
    { details: { field: 'requestId', id: log.id, key: log.key } },
  );
}

async function storeLog(
  stores: Stores,
  actor: Actor,
  { name: given, data, date = todayInUtc(), requestId }: UploadLogInput,
  bytes: Buffer,
): Promise<StoredObject> {
  const contentType = typeof data === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  const content = { kind: 'log' as const, date, bytes, contentType };
  const { stem, extension } = splitName(given);
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
          if (requestId !== undefined) await setRequestId(tx, actor, object.id, requestId);
          await recordAudit(tx, actor, 'logs.upload', `object:${object.id}`, { key: object.key });
          return object;
        },
        { isFreshOnly: true },
      );
    } catch (error) {
      // Another upload took the number in between.
      const isTaken = error instanceof NexusError && error.reason === 'conflict';
      if (!isTaken || isViolationOf(error, 'stored_objects_request_key') || attempt >= maxAttempts) throw error;
    }
  }
}

function splitName(name: string): { stem: string; extension: string } {
  const at = /\.[A-Za-z0-9]{1,10}$/.exec(name);
  return at && at.index > 0 && name[at.index - 1] !== '/'
    ? { stem: name.slice(0, at.index), extension: at[0] }
    : { stem: name, extension: '.log' };
}
