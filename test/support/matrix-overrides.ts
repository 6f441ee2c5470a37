import { anId, type Overrides } from './contract-inputs.ts';
import type { World } from './world.ts';

const embedding = Array.from({ length: 384 }, (_, at) => Math.sin(at + 1));

/**
 * Values that no schema states: add a line only where a procedure's least valid input cannot be derived from its
 * contract.
 */
export const overrides: Overrides = {
  'annotations.add.targetType': 'topology',
  'annotations.list.targetType': 'topology',
  'artifacts.upload.data': { kept: true },
  'checkpoints.upload.checkpointData': { kept: true },
  'chunks.add.embedding': embedding,
  'chunks.addMany.chunks.embedding': embedding,
  'chunks.search.text': 'word',
  'experiments.complete.results': {},
  'experiments.logMetrics.metrics': { loss: 0.5 },
  'models.download.id': anId,
  'models.upload.modelData': { kept: true },
  'objects.begin.sha256': '0'.repeat(64),
  'objects.presign.id': anId,
  'training.lineage.runId': anId,
  'training.log.points': [{ key: 'loss', step: 1, value: 0.5 }],
};

/** Where one id makes other fields wanted, or unwanted (undefined). */
export const beside: Readonly<Record<string, (own: World) => Readonly<Record<string, unknown>>>> = {
  'checkpoints.upload.objectId': () => ({ checkpointData: undefined }),
  'models.upload.objectId': () => ({ modelData: undefined }),
  'objects.begin.topologyId': () => ({ kind: 'checkpoint' }),
  'training.lineage.topologyId': () => ({ runId: undefined }),
  'training.lineage.moduleId': () => ({ runId: undefined }),
  'training.lineage.datasetId': () => ({ runId: undefined }),
  'training.lineage.modelId': () => ({ runId: undefined }),
  'training.lineage.checkpointId': () => ({ runId: undefined }),
  // A chunk is one of a dataset: of one's own, for the other's is refused already.
  'training.lineage.chunkId': (own) => ({ runId: undefined, datasetId: own.ids.get('dataset')?.[0] }),
};

/** Fields named like ids that name nothing which is there, or nothing of a workspace. */
export const noIds: ReadonlySet<string> = new Set([
  'context.add.id',
  'context.addMany.documents.id',
  'topologies.create.context.id',
  'sessions.log.ids',
  'experiments.logMetrics.ids',
  'models.upload.requestId',
  'logs.upload.requestId',
  // One's own.
  'signIns.end.id',
  // An admin's, of effects and findings of every workspace.
  'system.retryParked.ids',
  'system.discardParked.ids',
  'system.repair.findings.workspaceId',
]);

/** Answered one by one: what is not there is refused within the answer. */
export const oneByOne: ReadonlySet<string> = new Set(['context.addMany.documents.topologyId']);

/** Fields whose kind depends on another field: `annotations.add.targetId as module`. */
export const targets: Readonly<Record<string, { field: string; kinds: readonly string[] }>> = {
  'annotations.add': { field: 'targetId', kinds: ['module', 'run', 'dataset', 'model'] },
  'annotations.list': { field: 'targetId', kinds: ['module', 'run', 'dataset', 'model'] },
};

/** Procedures that answer `invalid_input` because the thing made for the test is of a kind they do not work on. */
export const wrongKind: ReadonlySet<string> = new Set(['objects.tensors']);

/** Kinds that a procedure makes beside its noun's own. */
export const makes: Readonly<Record<string, string>> = {
  'datasets.ingest': 'ingest',
  'members.resetPassword': 'invitation',
};
