import { z } from 'zod';
import { audited, dryRun, FreeJson, jsonbObject, PageInput, pageOf, refTo, storableText } from '../contract.ts';

export const ObjectId = z.uuid().describe('Id of a stored object.');

export const ObjectKind = z.enum(['model', 'checkpoint', 'dataset_file', 'log', 'artifact']);
export type ObjectKind = z.infer<typeof ObjectKind>;

export const Bucket = z.enum(['topology-models', 'topology-datasets', 'topology-logs', 'topology-artifacts']);
export type Bucket = z.infer<typeof Bucket>;

const maxSegmentBytes = 200;

function problemOfPath(path: string): string | undefined {
  if (!path.isWellFormed()) return 'must not hold half a surrogate pair';
  // U+FFFE and U+FFFF are no characters; no XML, in which S3 lists and removes, can hold them.
  if (/[\p{Cc}\ufffe\uffff\\]/u.test(path)) return 'must not hold control characters or a backslash';
  const segments = path.split('/');
  if (segments.some((segment) => segment.trim() === ''))
    return 'must not begin or end with a slash, nor have two together';
  if (segments.some((segment) => segment === '.' || segment === '..'))
    return 'must not have a part that is "." or ".."';
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes)) {
    return `must not have a part of more than ${maxSegmentBytes} bytes of UTF-8`;
  }
  return undefined;
}

/** The end of an object's key: names apart by slashes that no file system and no URL reads in another way. */
export const ObjectPath = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((path, context) => {
    const problem = problemOfPath(path);
    if (problem) context.addIssue({ code: 'custom', message: problem, input: path });
  });

/** One name of such a path. */
export const ObjectSegment = ObjectPath.refine((name) => !name.includes('/'), 'must not hold a slash');

export const ContentType = z
  .string()
  .max(255)
  .regex(/^[\w.+-]+\/[\w.+-]+(?:; ?[\x20-\x7e]+)?$/, 'must be a media type such as "application/json"');

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 as 64 lower-case hex digits');

export const WholeSha256 = z
  .string()
  .nullable()
  .describe(
    'SHA-256 of the whole object, lower-case hex; null: nobody has computed it, and `partsSha256` identifies its bytes.',
  );
export const PartsSha256 = z
  .string()
  .nullable()
  .describe(
    'SHA-256 over the SHA-256s of its parts, one after the other, 32 bytes each, for an object above 16 MiB; null for another.',
  );

export const ExpirySeconds = z
  .int()
  .min(1)
  .max(604_800)
  .default(3600)
  .describe('How long the URL works, up to seven days.');

export const SafetensorsContents = z
  .object({
    format: z.literal('safetensors'),
    tensorCount: z.int(),
    parameterCount: z.int().describe('Numbers in all of its tensors.'),
    dtypes: z.record(z.string(), z.int()).describe('Parameters of each dtype: `{"BF16": 7000000}`.'),
    metadata: z.record(z.string(), z.string()).describe('The header’s own `__metadata__`.'),
    adapter: z
      .object({
        ranks: z.array(z.int()).describe('Ranks of its LoRA pairs, ascending; one in most adapters.'),
        targetModules: z.array(z.string()).describe('The layers that carry a pair, by the last part of their names.'),
      })
      .nullable()
      .describe('null: it has no LoRA pairs.'),
  })
  .meta({ id: 'SafetensorsContents', description: 'Facts from the header of a safetensors file.' });
export type SafetensorsContents = z.infer<typeof SafetensorsContents>;

export const AdapterConfigContents = z
  .object({
    format: z.literal('peft-adapter-config'),
    peftType: z.string(),
    rank: z.int().nullable(),
    alpha: z.number().nullable(),
    dropout: z.number().nullable(),
    targetModules: z.array(z.string()).nullable().describe('null: a pattern, or the library’s own choice.'),
    targetPattern: z.string().nullable().describe('Where the layers are named by a regular expression.'),
    baseModel: z.string().nullable(),
    otherRanks: z.array(z.int()).describe('Ranks that `rank_pattern` gives to some layers.'),
  })
  .meta({ id: 'AdapterConfigContents', description: 'Facts from a PEFT adapter_config.json.' });
export type AdapterConfigContents = z.infer<typeof AdapterConfigContents>;

export const ObjectContents = z.discriminatedUnion('format', [SafetensorsContents, AdapterConfigContents]);
export type ObjectContents = z.infer<typeof ObjectContents>;

export const StoredObject = z
  .object({
    id: ObjectId,
    kind: ObjectKind,
    bucket: Bucket,
    key: z.string().describe('Within the workspace: `models/transformer-v1.json`.'),
    sizeBytes: z.int(),
    sha256: WholeSha256,
    partsSha256: PartsSha256,
    contentType: z.string(),
    metadata: FreeJson,
    contents: ObjectContents.nullable().describe(
      'Facts that `complete` read from a `*.safetensors` or an `adapter_config.json`; null for everything else.',
    ),
    status: z
      .enum(['pending', 'ready'])
      .describe(
        '`ready` once its bytes were checked, which never change after that; until then the hashes are those that `begin` declared.',
      ),
    expiresAt: z.date().nullable().describe('When a pending upload is given up.'),
    completedAt: z.date().nullable(),
    ...audited,
  })
  .meta({ id: 'StoredObject', description: 'Bytes in the object store, or on their way there.' });
export type StoredObject = z.infer<typeof StoredObject>;

export const BeginUploadInput = z
  .strictObject({
    kind: ObjectKind,
    name: ObjectPath.describe('The end of the key: `trained.safetensors`, `2024/chunk_001.jsonl`.'),
    sizeBytes: z.int().min(0).max(5_497_558_138_880).describe('Bytes of the whole object, up to 5 TiB.'),
    sha256: Sha256.optional().describe(
      'SHA-256 of the whole object. Above 16 MiB it may be left out where `partSha256s` is given; where it is not, `complete` reads the object once to check it.',
    ),
    partSha256s: z
      .array(Sha256)
      .max(10_000)
      .optional()
      .describe(
        'SHA-256 of each part, in order, for an object above 16 MiB. Where the store checks checksums, each part is then checked as it arrives, and `complete` reads nothing where they alone are given. Parts have 16 MiB, or for more than 10,000 of those the least whole number of MiB that makes 10,000.',
      ),
    contentType: ContentType.default('application/octet-stream'),
    metadata: jsonbObject().default({}),
    datasetName: ObjectSegment.optional().describe('For a `dataset_file`: the folder, which is the dataset’s name.'),
    topologyId: refTo('topology').optional().describe('For a `checkpoint`: its topology.'),
    date: z.iso.date().optional().describe('For a `log`: its day, YYYY-MM-DD; today in UTC where it is left out.'),
  })
  .meta({ id: 'BeginUploadInput' });
export type BeginUploadInput = z.infer<typeof BeginUploadInput>;

export const UploadPart = z
  .object({
    partNumber: z.int().describe('From 1.'),
    url: z.string().describe('PUT the part’s bytes here.'),
    headers: z.record(z.string(), z.string()).describe('To be sent with the PUT.'),
    etag: z.string().optional().describe('ETag of a part that is stored already.'),
    sizeBytes: z.int().optional().describe('Bytes of a part that is stored already.'),
  })
  .meta({ id: 'UploadPart', description: 'A part of an upload.' });
export type UploadPart = z.infer<typeof UploadPart>;

export const SinglePut = z
  .object({
    method: z.literal('put'),
    url: z.string(),
    headers: z.record(z.string(), z.string()).describe('To be sent with the PUT.'),
  })
  .meta({ id: 'SinglePut', description: 'The whole object goes in one PUT.' });

export const PartUpload = z
  .object({
    method: z.literal('parts'),
    partSizeBytes: z.int().describe('Bytes of every part but the last, which holds the rest.'),
    partCount: z.int(),
    parts: z.array(UploadPart).describe('The first hundred; `parts` answers the others, and what is there already.'),
  })
  .meta({ id: 'PartUpload', description: 'The object goes in parts, in any order and several at a time.' });

export const BegunUpload = z
  .object({
    object: StoredObject,
    upload: z
      .discriminatedUnion('method', [SinglePut, PartUpload])
      .nullable()
      .describe('null: these bytes are there already, and nothing is to be sent.'),
    expiresAt: z.date().nullable().describe('When the URLs stop working.'),
  })
  .meta({ id: 'BegunUpload' });
export type BegunUpload = z.infer<typeof BegunUpload>;

export const UploadPartsInput = z
  .strictObject({
    id: ObjectId,
    fromPartNumber: z.int().min(1).max(10_000).default(1),
    limit: z.int().min(1).max(1000).default(100),
  })
  .meta({ id: 'UploadPartsInput' });
export type UploadPartsInput = z.infer<typeof UploadPartsInput>;

export const UploadParts = z
  .object({
    partSizeBytes: z.int(),
    partCount: z.int(),
    parts: z.array(UploadPart),
    nextPartNumber: z.int().nullable().describe('Give it as `fromPartNumber` for the next ones; null at the end.'),
    expiresAt: z.date().describe('When the URLs stop working.'),
  })
  .meta({ id: 'UploadParts', description: 'Parts of an upload, those that are there already with their ETag.' });
export type UploadParts = z.infer<typeof UploadParts>;

export const ObjectInput = z.strictObject({ id: ObjectId }).meta({ id: 'ObjectInput' });
export type ObjectInput = z.infer<typeof ObjectInput>;

export const DeleteObjectInput = ObjectInput.extend({ dryRun }).meta({ id: 'DeleteObjectInput' });

export const PresignObjectInput = z
  .strictObject({
    id: ObjectId.optional(),
    bucket: Bucket.optional(),
    key: storableText(1024).min(1).optional().describe('With `bucket`, instead of `id`: `models/my-model-v1.json`.'),
    expirySeconds: ExpirySeconds,
    fileName: storableText(255).optional().describe('The name under which a browser saves it.'),
  })
  .refine(({ id, bucket, key }) => (id === undefined) === (bucket !== undefined && key !== undefined), {
    path: ['id'],
    message: 'give either id, or bucket and key',
  })
  .meta({ id: 'PresignObjectInput' });
export type PresignObjectInput = z.infer<typeof PresignObjectInput>;

export const PresignedUrl = z
  .object({ url: z.string(), expiresAt: z.date() })
  .meta({ id: 'PresignedUrl', description: 'Reads the object without a credential until it expires.' });
export type PresignedUrl = z.infer<typeof PresignedUrl>;

export const ObjectTensorsInput = z
  .strictObject({
    id: ObjectId,
    offset: z.int().min(0).default(0).describe('How many tensors to pass over.'),
    limit: z.int().min(1).max(1000).default(200),
  })
  .meta({ id: 'ObjectTensorsInput' });
export type ObjectTensorsInput = z.infer<typeof ObjectTensorsInput>;

export const ObjectTensors = z
  .object({
    tensorCount: z.int(),
    tensors: z.array(
      z
        .object({
          name: z.string(),
          dtype: z.string(),
          shape: z.array(z.int()),
          parameterCount: z.int(),
          sizeBytes: z.number(),
        })
        .meta({ id: 'Tensor', description: 'A tensor, as the header of its file describes it.' }),
    ),
    nextOffset: z.int().nullable().describe('Give it as `offset` for the next ones; null at the end.'),
  })
  .meta({ id: 'ObjectTensors', description: 'Tensors of a safetensors file, in the order of its header.' });
export type ObjectTensors = z.infer<typeof ObjectTensors>;

export const ListObjectsInput = PageInput.extend({
  kind: ObjectKind.optional(),
  prefix: storableText(1024).optional().describe('The beginning of the key: `checkpoints/topology-123/`.'),
  status: z.enum(['pending', 'ready']).optional(),
}).meta({ id: 'ListObjectsInput' });
export type ListObjectsInput = z.infer<typeof ListObjectsInput>;

export const StoredObjectPage = pageOf(StoredObject).meta({ id: 'StoredObjectPage' });
