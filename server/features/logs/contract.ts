import { z } from 'zod';
import { AnyJson, PageInput } from '../contract.ts';
import { ObjectPath } from '../objects/contract.ts';

export const LogDate = z.iso.date().describe('YYYY-MM-DD in UTC.');

export const UploadLogInput = z
  .strictObject({
    name: ObjectPath.describe('`.log` is added where it has no extension, and -2, -3 … where the day has it already.'),
    data: AnyJson.describe('A string is stored as text, anything else as JSON; 16 MiB at most.'),
    date: LogDate.optional().describe('The day it belongs to, YYYY-MM-DD; today in UTC where it is left out.'),
    requestId: z
      .uuid()
      .optional()
      .describe(
        'A new UUID of yours for each log: a call that is repeated with it, because the first answer was lost, answers the log that the first stored.',
      ),
  })
  .meta({ id: 'UploadLogInput' });
export type UploadLogInput = z.infer<typeof UploadLogInput>;

export const ListLogsInput = PageInput.extend({ date: LogDate.optional() }).meta({ id: 'ListLogsInput' });
export type ListLogsInput = z.infer<typeof ListLogsInput>;
