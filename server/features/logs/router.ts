import { procedure, router } from '../../api/procedures.ts';
import { StoredObject, StoredObjectPage } from '../objects/contract.ts';
import { ListLogsInput, UploadLogInput } from './contract.ts';
import { listLogs } from './list-logs.ts';
import { uploadLog } from './upload-log.ts';

export const logsRouter = router({
  upload: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        example: { name: 'training-session-1', data: 'epoch 1: loss 0.8\n' },
        method: 'POST',
        path: '/logs',
        status: 201,
      },
      does: 'Stores a log under its day.',
      refuses: { too_large: 'It has more than 16 MiB.', conflict: '`requestId` is that of another log.' },
    })
    .input(UploadLogInput)
    .output(StoredObject)
    .mutation(({ ctx, input }) => uploadLog(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/logs' }, does: 'Lists logs, of one day or of all, newest first.' })
    .input(ListLogsInput)
    .output(StoredObjectPage)
    .query(({ ctx, input }) => listLogs(ctx.stores, ctx.actor, input)),
});
