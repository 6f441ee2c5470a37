import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Reads what a server prints until it is ready: its address, and the admin token where it prints one. */
export async function started(child: ChildProcess): Promise<{ url: string; token: string | undefined }> {
  if (!child.stdout) throw new Error('no output');
  let url = '';
  let token: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    url = line.match(/listens on (\S+)/)?.[1] ?? url;
    token = line.match(/(nexus_\S+)/)?.[1] ?? token;
    if (line.includes('Ready')) return { url, token };
  }
  throw new Error('The server ended before it was ready.');
}
