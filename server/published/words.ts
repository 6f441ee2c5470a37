import { z } from 'zod';

/** Describes each noun in a sentence or two. A noun without one fails `npm run generate`. */
export const nouns: Readonly<Record<string, string>> = {
  users: 'People. A person belongs to workspaces, as a viewer, an editor or an owner.',
  tokens: 'Credentials of programs: 256 random bits, shown once, kept as their SHA-256.',
  signIns: 'Where a person is signed in; one’s own only.',
  topologies: 'Model architectures, with what their training came to.',
  modules: 'QLoRA modules: low-rank adapters of a topology, as PEFT describes them.',
  datasets: 'Named collections of files and of embedded text chunks.',
  chunks: 'Pieces of text with an embedding of 384 floats, found by vector, by words, or by both.',
  training: 'Training runs, their metrics and what came of them.',
  models: 'The registry: models with immutable versions, each with its bytes and where they came from.',
  checkpoints: 'The state of a topology’s training at a step.',
  logs: 'Log files, by day.',
  artifacts: 'Other files of an experiment: results, exported modules.',
  objects: 'Bytes in the object store. They travel between the caller and the store by presigned URL.',
  context: 'Engineering context: notes, measurements and anything else that is worth finding again.',
  annotations: 'Remarks on a topology, a module, a run, a dataset, a model, a chunk or a document.',
  sessions: 'Times in which somebody worked on something, with what happened in them.',
  experiments: 'Series of trials with a topology: parameters, metrics and results.',
  search: 'One question to everything at once.',
  workspaces: 'Teams’ own parts of the installation.',
  members: 'Members of a workspace, each with a role; `users` lists them.',
  invitations: 'The only way to sign up.',
  audit: 'The audit log: each change with its actor, target, time, address and token.',
  system: 'The server itself.',
};

/**
 * Describes a field wherever its contract does not: one name is one thing in every contract. `Type.field`
 * goes before `field`. The client's docstrings, the reference and the OpenAPI document say it.
 */
const fields: Readonly<Record<string, string>> = {
  acceptedAt: 'When it was accepted; null: it was not.',
  accuracy: 'A share, 0 to 1; null where nobody told one.',
  alias: 'The name of a version, unique in its model.',
  alpha: 'LoRA’s alpha; the update is scaled by alpha / rank.',
  annotation: 'The remark, as plain text.',
  architecture: 'Such as `transformer` or `graph-network`.',
  at: 'When it happened.',
  attempts: 'How often it was tried.',
  averageAccuracy: 'Mean accuracy of the completed runs, 0 to 1; null where none told one.',
  baseModel: 'The model that it adapts, by its public name; null where nobody told one.',
  best: 'The best value so far; null where there is none that is a number.',
  bestStep: 'The step of the best value.',
  bucket: 'The bucket of its bytes.',
  bytesRead: 'Bytes of the file that are read, as they are stored.',
  checkpointCount: 'Its checkpoints.',
  chunk: 'The chunk, without its embedding.',
  chunksPerCall: 'Most chunks that one call takes.',
  codeVersion: 'Such as a commit; null where nobody told one.',
  completedAt: 'When it was completed; null until then.',
  completedRunCount: 'Training runs that were completed.',
  content: 'The text.',
  contentType: 'The media type, such as `application/json`.',
  count: 'Points of the whole series.',
  counts: 'How many things were checked.',
  createdAfter: 'Added at this moment or later.',
  createdAt: 'When it was made, by the server’s clock.',
  createdBefore: 'Added before this moment.',
  createdBy: 'The user who made it; null: the server, or another program.',
  dataset: 'The dataset of the files.',
  datasetId: 'The dataset that it belongs to.',
  datasets: 'The datasets that it was trained on.',
  description: 'In words, for people.',
  detail: 'The problem, in words.',
  details: 'Further facts.',
  direction: 'desc where it is left out: the greatest first.',
  document: 'The document as it is now.',
  documents: 'CouchDB: context, annotations, sessions, experiments.',
  documentsPerCall: 'Most documents that one call takes.',
  dropout: 'Dropout before the adapter, 0 up to but not 1.',
  dtype: 'The type of its numbers, such as `F32` or `BF16`.',
  email: 'The e-mail address, unique in the installation.',
  embedded: 'Which stores are this server’s own; false: it uses the one at an address.',
  embeddingDimensions: 'Numbers of an embedding.',
  endedAt: 'When it ended; null until then.',
  epochs: 'How many epochs were trained; null where nobody told.',
  equals: 'The same value, of the same type.',
  error: 'Why the store is unhealthy; null where it is not.',
  exists: 'Whether there is such a value.',
  expiresAt: 'When it stops working; null: never.',
  findingCount: 'Everything that was found.',
  finishedAt: 'When it ended; null while it runs.',
  format: 'The file’s format.',
  fromPartNumber: 'The first part to be told of, from 1.',
  goals: 'Which value of a metric is its best: `max` or `min`.',
  gt: 'Greater than this.',
  gte: 'This or greater.',
  hasMoreRuns: 'Whether there are more runs than are listed.',
  id: 'Assigned by the server, never reused.',
  in: 'One of these values.',
  indexRows: 'Rows of the index that context is searched by.',
  items: 'In the order that the procedure tells.',
  k: 'So many of the nearest.',
  key: 'The name of the series: `loss`, `val/accuracy`.',
  kind: 'The kind of content, which decides the bucket.',
  lastError: 'Why the last attempt failed; null where none did.',
  latestRunAt: 'When its latest run began; null without one.',
  latestVersion: 'The number of its newest version.',
  leaseExpiresAt: 'When it counts as lost, unless something is heard of it; null where it is over.',
  leaseSeconds: 'How long it may be silent before it is called lost.',
  limits: 'Limits of one call.',
  limit: 'At most so many items.',
  lt: 'Less than this.',
  lte: 'This or less.',
  makesAdmin: 'Whether the person is to administer the installation.',
  max: 'The greatest value of the part; null where none is a number.',
  maxStep: 'The last step that has a point; null where there is none.',
  metadata: 'Any JSON object, as given.',
  method: 'How the bytes are to be sent.',
  min: 'The least value of the part; null where none is a number.',
  modelId: 'The model that it belongs to.',
  moduleCount: 'Its QLoRA modules.',
  moduleId: 'The QLoRA module that it was made with; null: none.',
  name: 'The name for people.',
  newCount: 'How many of the texts the dataset did not have.',
  notes: 'Free text about the run.',
  object: 'The object as it is now.',
  objectBytes: 'Bytes of all objects.',
  objectKey: 'The key of the file that is read.',
  objectRows: 'Rows of objects.',
  objectSha256: 'SHA-256 of the file that is read, in hexadecimal digits.',
  objects: 'The object store: bytes.',
  outbox: 'Effects decided, but not yet applied in the other stores.',
  p95Ms: '95th percentile of the search times, in milliseconds.',
  parameterCount: 'How many numbers it holds.',
  parameters: 'The parameters tried, any JSON object as given.',
  params: 'Learning rate, optimizer …: any JSON object as given.',
  parentRunId: 'The sweep that it is a trial of; null: of none.',
  partCount: 'How many parts there are in all.',
  partSizeBytes: 'Bytes of every part but the last, which has the rest.',
  parts: 'In the order of their numbers.',
  peftType: 'PEFT’s name for its type, such as `LORA`.',
  pointsPerCall: 'Most points that one call takes.',
  postgres: 'PostgreSQL: rows and vectors.',
  rank: 'Rank of the low-rank update, LoRA’s r.',
  reason: 'Why, in words.',
  repaired: 'How many were mended.',
  results: 'The results, any JSON object as given.',
  revokedAt: 'When it was ended; null: it was not.',
  role: 'The person’s role in the workspace.',
  rowCount: 'How many of them.',
  runId: 'The run that it is of; null: of none.',
  runIds: 'The runs, in the order in which they are to be answered.',
  scope: 'The most that it may do.',
  seconds: 'How long it took.',
  sessionType: 'The kind of work, such as `model_development`.',
  sha256: 'SHA-256 of the bytes, in 64 hexadecimal digits.',
  shape: 'Its dimensions, outermost first; empty: a single number.',
  sizeBytes: 'How many bytes.',
  startedAt: 'When it began.',
  status: 'How it stands.',
  step: 'A whole number from 0 to 2^53 - 1; it grows as the training goes on.',
  stores: 'Each by itself.',
  summary: 'The outcome, in words.',
  table: 'The table of PostgreSQL.',
  tags: 'Words to find it by.',
  targetType: 'The kind of thing that it is about.',
  tensorCount: 'How many tensors the file has.',
  tensors: 'By name.',
  time: 'When it was measured.',
  timestamp: 'When it was written, by the server’s clock.',
  tokenId: 'The id of an access token, as `tokens.list` tells it.',
  topologyId: 'The topology that it belongs to; null: to none.',
  type: 'Its kind, in a word of your own.',
  updatedAt: 'When it was changed last, by the server’s clock.',
  url: 'Valid until it expires; whoever has it needs no token.',
  userId: 'The user whose it is.',
  username: 'The name by which people know each other.',
  value: 'The measured number; NaN and infinities are kept.',
  version: 'The number of the version, from 1.',
  workspace: 'Where the credential works.',
  workspaceId: 'The workspace that it belongs to; null: to none.',
  'AnnotationVersion.item': 'The annotation as it was; null: it was deleted.',
  'AuditEntry.createdBy': 'The user who did it.',
  'BeginUploadInput.name': 'The end of the key.',
  'ComparedRun.name': 'The name of the run.',
  'CreateInvitationInput.email': 'The person’s address; nothing is sent there.',
  'CreateTokenInput.name': 'Its purpose, so that you know which one to revoke.',
  'CreateUserInput.role': 'The person’s role; `editor` where it is left out.',
  'ContextDocument.id': 'As it was given, or made by the server.',
  'Curve.runId': 'The run.',
  'Dataset.name': 'Unique in the workspace; the folder of its files.',
  'DeleteModelVersionInput.version': 'The number of the version that goes.',
  'DownloadedModel.name': 'The name of the model.',
  'DownloadModelInput.name': 'The name of the model, instead of its id.',
  'Info.version': 'The server’s version.',
  'Lineage.checkpoints': 'Made by these runs, or this one itself.',
  'Lineage.modelVersions': 'Made by these runs, or this one itself.',
  'Lineage.modules': 'Those that these runs used, or this one itself.',
  'Lineage.topologies': 'Those that these runs are of, or this one itself.',
  'ListExperimentsInput.status': 'Those that stand so.',
  'ListObjectsInput.kind': 'Those of this kind.',
  'ListObjectsInput.status': 'Those that stand so.',
  'ListTopologiesInput.architecture': 'Exactly this one.',
  'LogPointsInput.points': 'A point each; may be left out where there are columns.',
  'LoggedPoints.runId': 'The run.',
  'Model.name': 'Unique in the workspace.',
  'ModelVersion.name': 'The name of the model.',
  'ModelWithVersions.name': 'Unique in the workspace.',
  'ObjectTensors.tensors': 'By name, at most as many as asked for.',
  'PresignObjectInput.bucket': 'With `key`, instead of `id`.',
  'RunNews.runId': 'The run.',
  'SafetensorsContents.tensorCount': 'How many tensors the header tells.',
  'SearchHit.type': 'The type of the thing found.',
  'SeriesFigures.count': 'Points of the series.',
  'SetAliasInput.version': 'The number of the version that is to have it.',
  'StoreHealth.status': 'Whether the store answers.',
  'Tensor.name': 'Its name in the file, unique there.',
  'UsedDataset.datasetId': 'The dataset.',
  'UsedDataset.version': 'The version of the dataset; null: as it was.',
  'VerifyReport.documents': 'Documents of CouchDB.',
  'Workspace.name': 'Unique in the installation.',
};

/** A field's description: its contract's own, or that of its name, or that of its type. */
export function wordsOfField(owner: string | undefined, name: string, field: z.ZodType): string | undefined {
  const named = fields[`${owner}.${name}`] ?? (Object.hasOwn(fields, name) ? fields[name] : undefined);
  const general = named && !isNullable(field) ? named.replace(/; null\b.*$/, '.') : named;
  return ownWordsOf(field) ?? general ?? wordsOfType(field);
}

const isNullable = (field: z.ZodType): boolean =>
  field instanceof z.ZodNullable || (isWrapper(field) && (within(field, isNullable) ?? false));

function ownWordsOf(schema: z.ZodType): string | undefined {
  const meta = z.globalRegistry.get(schema);
  if (meta?.id) return undefined;
  return meta?.description ?? (isWrapper(schema) ? within(schema, ownWordsOf) : undefined);
}

function wordsOfType(schema: z.ZodType): string | undefined {
  const meta = z.globalRegistry.get(schema);
  return meta?.description ?? (isWrapper(schema) ? within(schema, wordsOfType) : undefined);
}

type Wrapper = z.ZodOptional | z.ZodNullable | z.ZodDefault | z.ZodPrefault;
const isWrapper = (schema: z.ZodType): schema is Wrapper =>
  schema instanceof z.ZodOptional ||
  schema instanceof z.ZodNullable ||
  schema instanceof z.ZodDefault ||
  schema instanceof z.ZodPrefault;

function within<Result>(schema: Wrapper, look: (inner: z.ZodType) => Result): Result | undefined {
  const inner: unknown = schema.unwrap();
  return inner instanceof z.ZodType ? look(inner) : undefined;
}

const Limited = z
  .looseObject({
    type: z.unknown(),
    default: z.unknown(),
    minimum: z.unknown(),
    maximum: z.unknown(),
    minLength: z.unknown(),
    maxLength: z.unknown(),
    minItems: z.unknown(),
    maxItems: z.unknown(),
  })
  .partial();

/** The bounds and the default that a contract holds to, where its words do not tell them: "1 to 200 characters. Default `50`." */
export function limitsOfField(field: z.ZodType, words: string): string {
  const json = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any', metadata: z.registry() });
  const found = Limited.parse({ ...json, ...Object(json.anyOf?.length === 2 ? json.anyOf[0] : undefined) });
  const range =
    found.type === 'string'
      ? inWords(found.minLength, found.maxLength, ' characters')
      : found.type === 'array'
        ? inWords(found.minItems, found.maxItems, ' items')
        : inWords(found.minimum, found.maximum, '');
  const most = range.match(/[\d,]+(?= characters| items|$)/)?.[0];
  const isTold = most !== undefined && words.replaceAll(',', '').includes(most.replaceAll(',', ''));
  const isEmpty = ['{}', '[]', '""', 'null', String(Number.MAX_SAFE_INTEGER), undefined].includes(
    JSON.stringify(found.default),
  );
  const isDefaultTold = /left out|[Dd]efault/.test(words);
  return [
    range && !isTold ? `${range}.` : '',
    isEmpty || isDefaultTold ? '' : `\`${JSON.stringify(found.default)}\` where it is left out.`,
  ]
    .filter(Boolean)
    .join(' ');
}

function inWords(least: unknown, most: unknown, unit: string): string {
  const bound = (limit: unknown) =>
    typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit.toLocaleString('en') : undefined;
  const [from, to] = [bound(least), bound(most)];
  if (to !== undefined)
    return from === undefined || (from === '0' && unit) ? `At most ${to}${unit}` : `${from} to ${to}${unit}`;
  return from === undefined || from === '0' || (from === '1' && unit) ? '' : `At least ${from}${unit}`;
}
