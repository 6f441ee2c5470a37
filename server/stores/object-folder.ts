/** The operations of the store that choosing a folder needs, by whole keys. */
export type WholeKeys = {
  put(bucket: string, key: string): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
  /** The first keys with a prefix, in the order of their bytes. */
  list(bucket: string, prefix: string): Promise<string[]>;
};

/** Begins the keys that are no object's of the root: names of workspaces and folders have no tilde. */
export const foreign = '~';
const claims = '~root/';

/**
 * Chooses an installation's folder: the root of the buckets where nobody has them, else a folder of its own. Whoever wants
 * the root writes a claim before it looks around, so that of several who look at once none takes it for free.
 */
export async function chooseFolder(store: WholeKeys, buckets: readonly string[], id: string): Promise<string> {
  const [first = ''] = buckets;
  await store.put(first, claims + id);
  const isFree = (await othersAtRoot(store, buckets, id)).length === 0 && (await isEmpty(store, buckets));
  if (isFree) return '';
  await store.remove(first, claims + id);
  return `${foreign}${id}/`;
}

async function isEmpty(store: WholeKeys, buckets: readonly string[]): Promise<boolean> {
  for (const bucket of buckets) {
    if ((await store.list(bucket, '')).some((key) => !key.startsWith(foreign))) return false;
  }
  return true;
}

/** Claims the root again at each start, for installations that had it before there were claims; answers who else does. */
export async function claimRoot(store: WholeKeys, buckets: readonly string[], id: string): Promise<string[]> {
  const [first = ''] = buckets;
  await store.put(first, claims + id);
  return othersAtRoot(store, buckets, id);
}

async function othersAtRoot(store: WholeKeys, [first = '']: readonly string[], id: string): Promise<string[]> {
  const ids = (await store.list(first, claims)).map((key) => key.slice(claims.length));
  return ids.filter((one) => one !== id);
}
