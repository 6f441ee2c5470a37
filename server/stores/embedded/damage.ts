import { NexusError } from '../../errors.ts';

/** Stops a start over files that cannot be trusted; whoever throws it has changed nothing. */
export function damaged(file: string, problem: string, wayBack: string, cause?: unknown): NexusError {
  return new NexusError('precondition_failed', `${file} ${problem}. Nothing was changed; ${wayBack}.`, {
    details: { file },
    cause,
  });
}

/** The remedy where there is no copy of one file: the damaged files are kept, and a bundle restores everything. */
export const fromCopy = (directory: string) =>
  `put back a copy of ${directory}, or rename the data directory and restore a bundle into a new one`;
