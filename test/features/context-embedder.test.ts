import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { addContext } from '../../server/features/context/add-context.ts';
import { AddContextInput, SearchContextInput } from '../../server/features/context/contract.ts';
import { deleteContext } from '../../server/features/context/delete-context.ts';
import { embedAll, embedContext, reindex } from '../../server/features/context/index.ts';
import { searchContext } from '../../server/features/context/search-context.ts';
import { type Embedder, openEmbedder } from '../../server/stores/embeddings.ts';
import { rows } from '../../server/stores/postgres.ts';
import type { Stores } from '../../server/stores/stores.ts';
import { type DocumentDomain, openDocumentDomain } from '../support/document-domain.ts';
import { startEmbeddingsEndpoint } from '../support/embeddings-endpoint.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
let endpoint: Awaited<ReturnType<typeof startEmbeddingsEndpoint>>;
let embedder: Embedder;
let stores: Stores & { embedder: Embedder };
beforeAll(async () => {
  domain = await openDocumentDomain();
  endpoint = await startEmbeddingsEndpoint();
  embedder = openEmbedder({ url: endpoint.url, model: 'all-MiniLM-L6-v2' });
  stores = { ...domain.stores, embedder };
});
afterAll(async () => {
  await domain[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

const add = async (type: string, data: string, actor = domain.actor) =>
  (await addContext(stores, actor, AddContextInput.parse({ type, data }))).id;
const found = async (given: z.input<typeof SearchContextInput>, actor = domain.actor) =>
  (await searchContext(stores, actor, SearchContextInput.parse(given))).items.map(({ document }) => document.id);
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 25 });

test.each(['refused', 'zeros'])(
  'a text of which the endpoint makes no vector (%s) holds up no other, and is found by its words',
  async (word) => {
    const type = `t-${randomUUID()}`;
    const ids = await Promise.all(
      ['gradient one', `gradient ${word}`, 'gradient three'].map((data) => add(type, data)),
    );
    await domain.follower.caughtUp();
    await embedAll(stores);
    const near = await found({ text: 'gradxyz', type, by: 'meaning' });
    expect(near.toSorted()).toEqual([ids[0], ids[2]].toSorted());
    expect(await found({ text: word, type, by: 'words' })).toEqual([ids[1]]);
    const sent = endpoint.requests.length;
    await embedAll(stores);
    expect(endpoint.requests).toHaveLength(sent);
  },
);

test('of two servers one embeds, and the other goes on when it has stopped', async () => {
  const askedBy = { first: 0, second: 0 };
  const counting = (name: keyof typeof askedBy): Embedder => ({
    ...embedder,
    embed(texts) {
      askedBy[name] += texts.length;
      return embedder.embed(texts);
    },
  });
  const type = `t-${randomUUID()}`;
  const first = embedContext({ ...stores, embedder: counting('first') });
  await add(type, 'momentum one');
  await eventually(async () => expect(await found({ text: 'momexyz', type, by: 'meaning' })).toHaveLength(1));
  await using _second = embedContext({ ...stores, embedder: counting('second') });
  await add(type, 'momentum two');
  await eventually(async () => expect(await found({ text: 'momexyz', type, by: 'meaning' })).toHaveLength(2));
  expect(askedBy).toEqual({ first: 2, second: 0 });
  await first[Symbol.asyncDispose]();
  await add(type, 'momentum three');
  await eventually(async () => expect(await found({ text: 'momexyz', type, by: 'meaning' })).toHaveLength(3));
  expect(askedBy).toEqual({ first: 2, second: 1 });
});

test('an index that is built anew keeps the vectors of what it keeps, and has those of what was missing made', async () => {
  const type = `t-${randomUUID()}`;
  const [kept, missing] = [await add(type, 'perplexity kept'), await add(type, 'perplexity missing')];
  await domain.follower.caughtUp();
  await embedAll(stores);
  await stores.db.execute(sql`delete from context_index where document_id = ${missing}`);
  expect(await found({ text: 'perpxyz', type, by: 'meaning' })).toEqual([kept]);
  const sent = endpoint.requests.length;
  await reindex(stores);
  await embedAll(stores);
  expect((await found({ text: 'perpxyz', type, by: 'meaning' })).toSorted()).toEqual([kept, missing].toSorted());
  const embedded = endpoint.requests
    .slice(sent)
    .flatMap(({ texts }) => texts.filter((text) => text.includes('perplexity')));
  expect(embedded).toEqual([expect.stringContaining('missing')]);
});

test.each(['both', 'meaning'] as const)(
  'by %s no hit is on two pages and none is missed, whatever comes and goes between them',
  async (by) => {
    const type = `t-${randomUUID()}`;
    const ids = new Set<string>();
    for (let at = 0; at < 6; at += 1) ids.add(await add(type, `entropy ${'of something else '.repeat(at)}`));
    await domain.follower.caughtUp();
    await embedAll(stores);
    const read = (cursor?: string) =>
      searchContext(stores, domain.actor, SearchContextInput.parse({ text: 'entropy', type, by, limit: 2, cursor }));
    const seen: string[] = [];
    let page = await read();
    const take = () => seen.push(...page.items.map(({ document }) => document.id));
    take();
    // Nearer than all others, by words and by meaning.
    const come = new Set([await add(type, 'entropy'), await add(type, 'entropy entropy')]);
    await domain.follower.caughtUp();
    await embedAll(stores);
    page = await read(page.nextCursor ?? undefined);
    take();
    await deleteContext(stores, domain.actor, { id: seen[0] ?? '' });
    await domain.follower.caughtUp();
    for (let pages = 0; pages < 5 && page.nextCursor !== null; pages += 1) {
      page = await read(page.nextCursor);
      take();
    }
    expect(page.nextCursor).toBeNull();
    expect(seen.filter((id, at) => seen.indexOf(id) !== at)).toEqual([]);
    expect(seen.filter((id) => !come.has(id)).toSorted()).toEqual([...ids].toSorted());
  },
);

test('among more documents than are compared one by one, the nearest of the workspace and the type are found', async () => {
  const actor = await aMember(stores);
  const type = `t-${randomUUID()}`;
  const wanted = await add(type, 'tokenizer wanted', actor);
  await domain.follower.caughtUp();
  await embedAll(stores);
  // Notes of another type, in all directions; an index that is built afterwards is built several times as fast.
  const [index] = await rows(
    stores.db,
    sql`select indexdef from pg_indexes where indexname = 'context_embeddings_embedding_idx'`,
    z.object({ indexdef: z.string() }),
  );
  await stores.db.execute(sql`drop index context_embeddings_embedding_idx`);
  await stores.db.execute(sql`
    with copied as (
      insert into context_index (workspace_id, document_id, revision, type, body, document_at)
      select workspace_id, 'ctx_other_' || n, revision, 'other', body, document_at
      from context_index c, generate_series(1, 5000) n where c.document_id = ${wanted}
      returning workspace_id, document_id, revision
    )
    insert into context_embeddings (workspace_id, document_id, revision, model, embedding)
    select workspace_id, document_id, revision, ${embedder.model}::text, (
      select array_agg(sin(hashtext(document_id || at))) from generate_series(1, 384) at)::vector
    from copied`);
  await stores.db.execute(sql.raw(index?.indexdef ?? ''));
  const [counted] = await rows(
    stores.db,
    sql`select count(*)::int as count from context_embeddings where workspace_id = ${actor.workspaceId}`,
    z.object({ count: z.int() }),
  );
  expect(counted?.count).toBe(5001);
  expect(await found({ text: 'tokexyz', by: 'meaning', limit: 1 }, actor)).toEqual([wanted]);
  expect(await found({ text: 'tokexyz', by: 'meaning', type }, actor)).toEqual([wanted]);
  const elsewhere = await aMember(stores);
  expect(await found({ text: 'tokexyz', by: 'meaning' }, elsewhere)).toEqual([]);
}, 120_000);
