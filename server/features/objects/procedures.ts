import { Deletion, Done } from '../contract.ts';
import { mutation, query } from '../define.ts';
import { abortUpload } from './abort-upload.ts';
import { beginUpload } from './begin-upload.ts';
import { completeUpload } from './complete-upload.ts';
import {
  BeginUploadInput,
  BegunUpload,
  DeleteObjectInput,
  ListObjectsInput,
  ObjectInput,
  ObjectTensors,
  ObjectTensorsInput,
  PresignedUrl,
  PresignObjectInput,
  StoredObject,
  StoredObjectPage,
  UploadParts,
  UploadPartsInput,
} from './contract.ts';
import { deleteObject } from './delete-object.ts';
import { getObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { presignObject } from './presign-object.ts';
import { listTensors } from './read-contents.ts';

export const objects = {
  begin: mutation({
    role: 'editor',
    rest: 'POST /objects',
    status: 201,
    example: {
      kind: 'artifact',
      name: 'plots/loss.png',
      size_bytes: 900000,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      content_type: 'image/png',
    },
    does: 'Begins or resumes an upload: a pending object, and presigned URLs to which its bytes go.',
    refuses: { conflict: 'There are other bytes at this name, or an upload of it is under way.' },
    input: BeginUploadInput,
    output: BegunUpload,
    run: ({ ctx, input }) => beginUpload(ctx.stores, ctx.actor, input),
  }),
  parts: query({
    role: 'editor',
    rest: 'GET /objects/{id}/parts',
    does: 'Parts of an upload with fresh URLs, and which of them have arrived.',
    refuses: { precondition_failed: 'It is no upload in parts that is under way.' },
    input: UploadPartsInput,
    output: UploadParts,
    run: ({ ctx, input }) => listParts(ctx.stores, ctx.actor, input),
  }),
  complete: mutation({
    role: 'editor',
    rest: 'POST /objects/{id}/complete',
    does: 'Ends an upload: checks size and SHA-256 of what arrived, and turns the object to ready.',
    refuses: {
      precondition_failed: 'Bytes are missing, or are not those that were declared.',
      conflict: 'Another call completes it, or took it over.',
    },
    input: ObjectInput,
    output: StoredObject,
    run: ({ ctx, input }) => completeUpload(ctx.stores, ctx.actor, input),
  }),
  abort: mutation({
    role: 'editor',
    rest: 'POST /objects/{id}/abort',
    does: 'Gives an upload up, with what arrived of it.',
    refuses: { conflict: 'It is ready; delete it instead.' },
    input: ObjectInput,
    output: Done,
    run: ({ ctx, input }) => abortUpload(ctx.stores, ctx.actor, input),
  }),
  presign: mutation({
    role: 'viewer',
    rest: 'POST /objects/presign',
    example: { id: '01a20fca-0817-74ea-9794-a3c2a3dca66c', expiry_seconds: 3600 },
    does: 'A URL that reads an object without a credential until it expires.',
    refuses: { precondition_failed: 'It is not ready.' },
    input: PresignObjectInput,
    output: PresignedUrl,
    run: ({ ctx, input }) => presignObject(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /objects/{id}',
    does: 'Reads the facts of an object.',
    input: ObjectInput,
    output: StoredObject,
    run: ({ ctx, input }) => getObject(ctx.stores, ctx.actor, input),
  }),
  tensors: query({
    role: 'viewer',
    rest: 'GET /objects/{id}/tensors',
    does: 'Tensors of a safetensors file, read from its header.',
    refuses: { precondition_failed: 'It is not ready.' },
    input: ObjectTensorsInput,
    output: ObjectTensors,
    run: ({ ctx, input }) => listTensors(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /objects',
    does: 'Lists objects, newest first.',
    input: ListObjectsInput,
    output: StoredObjectPage,
    run: ({ ctx, input }) => listObjects(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /objects/{id}',
    does: 'Deletes an object and its bytes, unless something needs it; or tells what would go.',
    refuses: { conflict: 'Something needs it, or it is being completed.' },
    input: DeleteObjectInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteObject(ctx.stores, ctx.actor, input),
  }),
};
