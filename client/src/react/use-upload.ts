import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { isNexusError } from '../errors.ts';
import type { TransferProgress } from '../progress.ts';
import type { TransferOptions, Uploads } from '../uploads/index.ts';
import { useNexus, useNexusClient } from './nexus-provider.ts';

/** Options of one upload; hand them on as they are. */
export type UploadTransfer = Required<Pick<TransferOptions, 'signal' | 'onProgress' | 'onBegun'>>;

/** How an upload stands. */
export type UploadState<Result> = {
  /** `failed` and `paused` may be resumed. */
  status: 'idle' | 'uploading' | 'paused' | 'done' | 'failed';
  /** Progress since the last start; undefined before anything has moved. */
  progress: TransferProgress | undefined;
  /** The upload's answer; undefined until it is done. */
  result: Result | undefined;
  /** Why it failed, or why the bytes that had arrived could not be removed. */
  error: Error | undefined;
};

/** An upload and its controls. */
export type Upload<Args extends readonly unknown[], Result> = UploadState<Result> & {
  /** Begins; one that is still in work is paused and forgotten. */
  start: (...args: Args) => void;
  /** Ends what is in work and keeps what has arrived, for a week. */
  pause: () => void;
  /** Sends what is missing of a paused or failed upload, from the same arguments. */
  resume: () => void;
  /** Ends it and removes what has arrived. */
  abort: () => void;
};

type Work<Args> = {
  args: Args;
  stop: AbortController;
  begun: Set<string>;
  /** Never rejects. */
  ended: Promise<unknown>;
  outcome: 'done' | 'failed' | undefined;
};

const idle = { status: 'idle', progress: undefined, result: undefined, error: undefined } as const;

/**
 * An upload with its progress, which can be paused, resumed and aborted: `send` is any of the client's uploads, given what
 * `start` is given. Sources that can be read again (a File, a Blob, bytes) can be resumed; a stream can't. When its
 * component goes away it is paused. Queries of `objects` are refreshed when it is done.
 *
 * `useUpload((uploads, transfer, file: File) => uploads.file(file, { kind: 'artifact', name: file.name, ...transfer }))`
 */
export function useUpload<Args extends readonly unknown[], Result>(
  send: (uploads: Uploads, transfer: UploadTransfer, ...args: Args) => Promise<Result>,
): Upload<Args, Result> {
  const nexus = useNexus();
  const client = useNexusClient();
  const queryClient = useQueryClient();
  const [state, setState] = useState<UploadState<Result>>(idle);
  const current = useRef<Work<Args>>(undefined);

  const run = (args: Args, { begun, ended: before }: Pick<Work<Args>, 'begun' | 'ended'>) => {
    const stop = new AbortController();
    const tell = (next: Partial<UploadState<Result>>) => {
      if (!stop.signal.aborted) setState((last) => ({ ...last, ...next }));
    };
    const transfer: UploadTransfer = {
      signal: stop.signal,
      onProgress: (progress) => tell({ progress }),
      onBegun: ({ id }) => void begun.add(id),
    };
    // Two that send the same object at once would each find the other's parts.
    const sent = before.then(() => {
      stop.signal.throwIfAborted();
      return send(client.uploads, transfer, ...args);
    });
    const work: Work<Args> = { args, stop, begun, outcome: undefined, ended: sent.then(done, failed) };
    current.current = work;
    setState({ ...idle, status: 'uploading' });

    function done(result: Result): void {
      work.outcome = 'done';
      tell({ status: 'done', result });
      void queryClient.invalidateQueries(nexus.objects.pathFilter());
    }
    function failed(error: unknown): void {
      work.outcome = 'failed';
      tell({ status: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
    }
  };

  const halt = (why: string) => current.current?.stop.abort(new DOMException(why, 'AbortError'));
  const pause = () => {
    if (!current.current || current.current.outcome) return;
    halt('The upload was paused.');
    setState((last) => ({ ...last, status: 'paused' }));
  };
  useEffect(() => pause, []);

  const discard = async ({ ended, begun }: Work<Args>) => {
    await ended;
    for (const id of begun) {
      try {
        await client.objects.abort.mutate({ id });
      } catch (error) {
        if (isNexusError(error, 'not_found')) continue;
        const why = error instanceof Error ? error : new Error(String(error));
        setState((last) => (last.status === 'idle' ? { ...last, error: why } : last));
      }
    }
    await queryClient.invalidateQueries(nexus.objects.pathFilter());
  };

  return {
    ...state,
    start: (...args) => {
      halt('Another upload was started in its place.');
      run(args, { begun: new Set(), ended: Promise.resolve() });
    },
    pause,
    resume: () => {
      const work = current.current;
      if (work && (work.stop.signal.aborted || work.outcome === 'failed')) run(work.args, work);
    },
    abort: () => {
      const work = current.current;
      if (!work || (work.outcome === 'done' && !work.stop.signal.aborted)) return;
      halt('The upload was aborted.');
      current.current = undefined;
      setState(idle);
      void discard(work);
    },
  };
}
