export { appendParts, partId, readParts } from './append-parts.ts';
export type { ContextDocument } from './contract.ts';
export { decideContext } from './decide-context.ts';
export {
  annotationDocuments,
  contextDocuments,
  documentDatabases,
  eventDocuments,
  experimentDocuments,
  metricDocuments,
  sessionDocuments,
} from './document-databases.ts';
export { readHistory } from './document-history.ts';
export { findMeant } from './document-ids.ts';
export { readDocumentPage } from './document-pages.ts';
export { embedAll, embedContext } from './embed-context.ts';
export { type Follower, followContext } from './follow-context.ts';
export { countContextOf, forgetContextOf } from './forget-context.ts';
export { recentContext } from './list-context.ts';
export { reindex } from './reindex.ts';
export { isFollowed, reindexContext } from './reindex-context.ts';
export { reviseDocument } from './revise-document.ts';
export { searchContext } from './search-context.ts';
export { readContext } from './store.ts';
export {
  isOfWorkspace,
  newDocumentId,
  StoredInstant,
  StoredJson,
  StoredObject,
  storedFields,
  topologyName,
} from './stored-fields.ts';
