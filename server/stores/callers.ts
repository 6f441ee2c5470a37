import { AsyncLocalStorage } from 'node:async_hooks';

/** The caller whose work reaches the stores. */
export type Caller = {
  workspaceId: number;
  /** Whether they have left: an AbortSignal, or what looks like one. */
  signal: { readonly aborted: boolean } | undefined;
};

const callers = new AsyncLocalStorage<Caller | undefined>();

/**
 * Does work in the name of a caller: what it asks of PostgreSQL counts for the share of their workspace, and is canceled once
 * they have left. `undefined`: in nobody's name, as work that several callers wait for.
 */
export const inNameOf = <Result>(caller: Caller | undefined, work: () => Result): Result => callers.run(caller, work);

export const callerNow = (): Caller | undefined => callers.getStore();
