import { createNexusClient } from '@topology-nexus/client';
import { readConfig } from '../../server/config.ts';
import { serve } from '../../server/serve.ts';
import { temporaryDirectory } from './temporary.ts';

export type Nexus = Awaited<ReturnType<typeof startNexus>>;

/** A real server on the stores that the environment names, embedded otherwise, with an admin's client. */
export async function startNexus(settings: NodeJS.ProcessEnv = {}) {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const config = readConfig({
    ...process.env,
    NEXUS_PORT: '0',
    NEXUS_LOG_LEVEL: 'silent',
    NEXUS_DATA_DIR: directory.path,
    ...settings,
  });
  const server = opened.use(await serve(config));
  const closing = opened.move();
  return {
    url: server.url,
    token: server.admin.token,
    directory: directory.path,
    as: (token: string) => createNexusClient({ url: server.url, token }),
    rest: (method: string, path: string, body?: unknown, token: string = server.admin.token) =>
      fetch(`${server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
