import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { toHeaderPages } from './header-pages.ts';

/** Reads one header beside the server's own thread, and ends. */
const Asked = z.object({ bytes: z.instanceof(Uint8Array), dataBytes: z.number() });

parentPort?.once('message', (message: unknown) => {
  const { bytes, dataBytes } = Asked.parse(message);
  const answer = toHeaderPages(bytes, dataBytes);
  const pages = typeof answer === 'string' ? [] : answer.pages;
  parentPort?.postMessage(
    answer,
    pages.map((page) => page.buffer),
  );
});
