import { z } from 'zod';
import { AnyJson, jsonbObject, PageInput, storableText } from '../contract.ts';
import { ContentType, ObjectPath } from '../objects/contract.ts';

export const UploadArtifactInput = z
  .strictObject({
    name: ObjectPath.describe('The path below `artifacts/`: `experiment-results/run-7.json`.'),
    data: AnyJson.optional().describe('A string is stored as text, anything else as JSON; 16 MiB at most.'),
    bytes: z.base64().max(22_369_624).optional().describe('Instead of data: any bytes in base64, 16 MiB at most.'),
    contentType: ContentType.optional(),
    metadata: jsonbObject().default({}),
  })
  .refine(({ data, bytes }) => (data === undefined) !== (bytes === undefined), {
    path: ['data'],
    message: 'give either data or bytes',
  })
  .meta({ id: 'UploadArtifactInput' });
export type UploadArtifactInput = z.infer<typeof UploadArtifactInput>;

export const ListArtifactsInput = PageInput.extend({
  prefix: storableText(1024).optional().describe('The beginning of the path below `artifacts/`.'),
}).meta({ id: 'ListArtifactsInput' });
export type ListArtifactsInput = z.infer<typeof ListArtifactsInput>;
