/** What of CouchDB the choice needs, by whole names. */
export type WholeDatabases = {
  /** Says who has the plain names: this installation, or the one that was here before. */
  claim(id: string): Promise<string>;
  /** Gives the plain names back. */
  release(id: string): Promise<void>;
  /** Whether none of the databases is there with a document in it. */
  areEmpty(databases: readonly string[]): Promise<boolean>;
};

/**
 * Chooses what leads the names of an installation's databases: nothing where nobody has them, else its own id. Whoever wants the
 * plain names claims them before it looks around: of several at once one gets the claim.
 */
export async function choosePrefix(couch: WholeDatabases, databases: readonly string[], id: string): Promise<string> {
  const owner = await couch.claim(id);
  if (owner === id) {
    if (await couch.areEmpty(databases)) return '';
    await couch.release(id);
  }
  return `nexus-${id}-`;
}
