import type { DatabaseDesigns } from '../../stores/documents.ts';

/**
 * The CouchDB databases with their design documents, for `prepare`. A map is plain ES5, for CouchDB's engine, and
 * checks before it reads, for one that throws drops its row. To change a map, give its design document a new name: an
 * edited one would rebuild its index under the users.
 *
 * A list's view emits a row for each way in which the list may be narrowed: [workspace, narrowed by …, time, id], with
 * 0 and '' for "all". Each list is then one read of one range.
 */

/** [0, …] for all, and the number of a topology, which other programs may write as 12, "12" or "topology-12". */
const common = `
  function topologyOf(doc) {
    var given = doc.topology_id;
    if (typeof given !== 'string' && typeof given !== 'number') return 0;
    var found = /^(?:topology-)?([1-9][0-9]{0,15})$/.exec(String(given));
    return found ? Number(found[1]) : 0;
  }
  function isText(value) { return typeof value === 'string' && value !== ''; }
  function timeOf(value) { return typeof value === 'string' ? Date.parse(value) : NaN; }
  function emitEach(doc, time, first, second) {
    var firsts = first ? [0, first] : [0];
    var seconds = second ? ['', second] : [''];
    for (var i = 0; i < firsts.length; i += 1) {
      for (var j = 0; j < seconds.length; j += 1) {
        emit([doc.workspace_id, firsts[i], seconds[j], time, doc._id], null);
      }
    }
  }`;

const map = (body: string) => `function (doc) {${common}
  if (typeof doc.workspace_id !== 'number') return;
  ${body}
}`;

export const contextDocuments = { database: 'topology_context', design: 'lists_v1', list: 'list' } as const;
export const annotationDocuments = { database: 'topology_annotations', design: 'lists_v1', list: 'list' } as const;
export const sessionDocuments = { database: 'topology_sessions', design: 'lists_v1', list: 'list' } as const;
export const experimentDocuments = { database: 'topology_experiments', design: 'lists_v1', list: 'list' } as const;

/**
 * The points of experiments, `<experiment>:m:<id>`, are read by their ids alone. They have a database of their own, for
 * in that of the experiments each of them would have to pass its list's map before the list could answer.
 */
export const metricDocuments = { database: 'topology_experiment_metrics' } as const;

/** Events of sessions, `<session>:e:<id>`, and versions of documents, `<document>:h:<revision>`: read by their ids. */
export const eventDocuments = { database: 'topology_events' } as const;

export const documentDatabases: DatabaseDesigns = {
  [contextDocuments.database]: {
    lists_v1: {
      list: map(`var time = timeOf(doc.timestamp);
  if (isText(doc.type) && time === time) emitEach(doc, time, topologyOf(doc), doc.type);`),
    },
  },
  [annotationDocuments.database]: {
    lists_v1: {
      list: map(`var time = timeOf(doc.timestamp);
  if (!isText(doc.target_id) || !isText(doc.target_type) || time !== time) return;
  emitEach(doc, time, doc.target_type, doc.target_id);`),
    },
  },
  [sessionDocuments.database]: {
    lists_v1: {
      list: map(`var time = timeOf(doc.started_at);
  if (typeof doc.user_id !== 'number' || !isText(doc.status) || time !== time) return;
  emitEach(doc, time, doc.user_id, doc.status);`),
    },
  },
  [experimentDocuments.database]: {
    lists_v1: {
      list: map(`var time = timeOf(doc.created_at);
  if (isText(doc.name) && isText(doc.status) && time === time) emitEach(doc, time, topologyOf(doc), doc.status);`),
    },
  },
  [metricDocuments.database]: {},
  [eventDocuments.database]: {},
};
