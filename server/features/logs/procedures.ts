import { mutation, query } from '../define.ts';
import { StoredObject, StoredObjectPage } from '../objects/contract.ts';
import { ListLogsInput, UploadLogInput } from './contract.ts';
import { listLogs } from './list-logs.ts';
import { uploadLog } from './upload-log.ts';

export const logs = {
  upload: mutation({
    role: 'editor',
    rest: 'POST /logs',
    status: 201,
    example: { name: 'training-session-1', data: 'epoch 1: loss 0.8\n' },
    bodyMiB: 64,
    does: 'Stores a log under its day.',
    refuses: { too_large: 'It has more than 16 MiB.', conflict: '`requestId` is that of another log.' },
    input: UploadLogInput,
    output: StoredObject,
    run: ({ ctx, input }) => uploadLog(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /logs',
    does: 'Lists logs, of one day or of all, newest first.',
    input: ListLogsInput,
    output: StoredObjectPage,
    run: ({ ctx, input }) => listLogs(ctx.stores, ctx.actor, input),
  }),
};
