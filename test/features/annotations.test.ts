import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { addAnnotation } from '../../server/features/annotations/add-annotation.ts';
import { AddAnnotationInput, Annotation, ListAnnotationsInput } from '../../server/features/annotations/contract.ts';
import { deleteAnnotation } from '../../server/features/annotations/delete-annotation.ts';
import { listAnnotations } from '../../server/features/annotations/list-annotations.ts';
import { addContext } from '../../server/features/context/add-context.ts';
import { AddContextInput } from '../../server/features/context/contract.ts';
import { aTopology, type DocumentDomain, openDocumentDomain } from '../support/document-domain.ts';
import { aMember } from '../support/members.ts';

let domain: DocumentDomain;
beforeAll(async () => {
  domain = await openDocumentDomain();
});
afterAll(async () => domain[Symbol.asyncDispose]());

const add = (given: z.input<typeof AddAnnotationInput>, actor = domain.actor) =>
  addAnnotation(domain.stores, actor, AddAnnotationInput.parse(given));
const list = (given: z.input<typeof ListAnnotationsInput> = {}, actor = domain.actor) =>
  listAnnotations(domain.stores, actor, ListAnnotationsInput.parse(given));
const remove = (id: string, actor = domain.actor) => deleteAnnotation(domain.stores, actor, { id });
const aNote = async () => {
  const note = AddContextInput.parse({ type: 'note', data: 'to be annotated' });
  const { id } = await addContext(domain.stores, domain.actor, note);
  return { targetId: id, targetType: 'document' as const };
};
const refused = (work: Promise<unknown>, reason: string) => expect(work).rejects.toMatchObject({ reason });

test('an annotation reads back, whichever way its topology was named', async () => {
  const topologyId = await aTopology(domain.stores, domain.actor);
  const added = [];
  for (const targetId of [topologyId, String(topologyId), `topology-${topologyId}`]) {
    added.push(await add({ targetId, targetType: 'topology', annotation: 'Excellent', tags: ['performance'] }));
  }
  expect(Annotation.parse(added[0])).toEqual(added[0]);
  expect(added[0]).toMatchObject({ targetId: `topology-${topologyId}`, createdBy: domain.actor.userId });
  const newest = added.toReversed();
  expect((await list({ targetId: topologyId })).items).toEqual(newest);
  expect((await list({ targetId: `topology-${topologyId}` })).items).toEqual(newest);
  expect((await list({ targetId: `${topologyId}`, targetType: 'topology' })).items).toEqual(newest);
  const page = await list({ targetType: 'topology', limit: 2 });
  expect(page.items).toEqual(newest.slice(0, 2));
  expect((await list({ targetType: 'topology', cursor: page.nextCursor ?? undefined })).items).toEqual([added[0]]);
});

test.each(['topology', 'module', 'run', 'dataset', 'model', 'chunk'] as const)(
  'a %s that is not in the workspace is not found',
  async (targetType) => {
    await refused(add({ targetId: 999_999_999, targetType, annotation: 'x' }), 'not_found');
    await refused(add({ targetId: `${targetType}-999999999`, targetType, annotation: 'x' }), 'not_found');
    await refused(add({ targetId: 'no-number', targetType, annotation: 'x' }), 'invalid_input');
  },
);

test('a document is annotated by its id, in its workspace only', async () => {
  const document = await aNote();
  const added = await add({ ...document, annotation: 'Seen twice' });
  const { targetId } = document;
  expect((await list({ targetId })).items).toEqual([added]);
  expect((await list(document)).items).toEqual([added]);
  expect((await list({ targetId, targetType: 'chunk' })).items).toEqual([]);
  const { id: remarkId } = added;
  expect(await add({ targetId: remarkId, targetType: 'document', annotation: 'So it is' })).toMatchObject({
    targetId: remarkId,
  });
  const stranger = await aMember(domain.stores);
  await refused(add({ ...document, annotation: 'x' }, stranger), 'not_found');
  await refused(add({ targetId: 'ctx_not_there', targetType: 'document', annotation: 'x' }), 'not_found');
  await refused(add({ targetId: '_design/lists_v1', targetType: 'document', annotation: 'x' }), 'invalid_input');
});

test('only an admin speaks for another member', async () => {
  const { stores, actor } = domain;
  const colleague = await aMember(stores, actor.workspaceId);
  const note = { ...(await aNote()), annotation: 'x', createdBy: colleague.userId };
  expect((await add(note)).createdBy).toBe(actor.userId);
  expect((await add(note, { ...actor, isAdmin: true })).createdBy).toBe(colleague.userId);
});

test('its author, an owner or an admin deletes an annotation, nobody else', async () => {
  const { stores, actor } = domain;
  const colleague = await aMember(stores, actor.workspaceId);
  const stranger = await aMember(stores, undefined, 'owner');
  const document = await aNote();
  const note = { ...document, annotation: 'x' };
  const [mine, owned, admined] = [await add(note), await add(note), await add(note)];
  await refused(remove(mine.id, colleague), 'forbidden');
  await refused(remove(mine.id, stranger), 'not_found');
  await remove(mine.id);
  await remove(owned.id, { ...colleague, role: 'owner' });
  await remove(admined.id, { ...colleague, isAdmin: true });
  expect((await list(document)).items).toEqual([]);
  await refused(remove(mine.id), 'not_found');
});

test('nothing of another workspace is listed', async () => {
  const other = await aMember(domain.stores);
  const document = await aNote();
  await add({ ...document, annotation: 'x' });
  expect((await list(document, other)).items).toEqual([]);
});

test.each<[string, Record<string, unknown>]>([
  ['a selector as targetId', { targetId: { $gt: null } }],
  ['an unknown type', { targetType: 'planet' }],
  ['an empty text', { annotation: '' }],
  ['half a surrogate pair', { annotation: '\ud800' }],
  ['a tag that is no text', { tags: [{ $gt: null }] }],
])('%s is refused', (_name, changes) => {
  const given = { targetId: 'x', targetType: 'document', annotation: 'x', ...changes };
  expect(AddAnnotationInput.safeParse(given).success).toBe(false);
});
