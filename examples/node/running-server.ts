import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that a running server keeps in its data directory. */
function kept(name: string): string | undefined {
  try {
    return readFileSync(join(process.env.NEXUS_DATA_DIR ?? '.nexus', name), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * The address and the token of the server to talk to: `NEXUS_URL` and `NEXUS_TOKEN`, or those of the server that runs on this
 * machine's data directory. Throws where there is no token.
 */
export function runningServer(): { url: string; token: string } {
  const port = process.env.NEXUS_PORT ?? '3000';
  const url = process.env.NEXUS_URL ?? kept('server.url') ?? `http://127.0.0.1:${port}`;
  const token = process.env.NEXUS_TOKEN ?? kept('admin-token');
  if (!token) throw new Error('There is no access token: start the server (npm start), or set NEXUS_TOKEN.');
  return { url, token };
}
