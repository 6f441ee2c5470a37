/** How far a transfer is. */
export type TransferProgress = {
  /** `hashing`: the source is read; `completing`: the server checks what arrived. */
  phase: 'hashing' | 'sending' | 'completing' | 'receiving';
  /** Bytes done in this phase. Those of an upload that is resumed count as sent. */
  doneBytes: number;
  /** All bytes of this phase. */
  totalBytes: number;
  /** Over the last few seconds of this phase. */
  bytesPerSecond: number;
};

/** Is told how far a transfer is, at most ten times a second. */
export type OnProgress = (progress: TransferProgress) => void;

const quietMs = 100;
const windowMs = 3_000;

/** Tells the progress of one phase, at most ten times a second, and at its ends. */
export function meterOf(onProgress: OnProgress | undefined, phase: TransferProgress['phase'], totalBytes: number) {
  const startedAt = performance.now();
  let marks: { at: number; doneBytes: number }[] = [];
  let toldAt = Number.NEGATIVE_INFINITY;
  return (doneBytes: number): void => {
    const now = performance.now();
    const isEnd = doneBytes === totalBytes;
    if (!onProgress || (now - toldAt < quietMs && !isEnd)) return;
    toldAt = now;
    marks = [...marks.filter(({ at }) => now - at < windowMs), { at: now, doneBytes }];
    const first = marks[0] ?? { at: startedAt, doneBytes: 0 };
    const seconds = (now - first.at) / 1000;
    const moved = Math.max(0, doneBytes - first.doneBytes);
    onProgress({ phase, doneBytes, totalBytes, bytesPerSecond: seconds > 0 ? moved / seconds : 0 });
  };
}
