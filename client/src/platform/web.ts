import { bytesOfBlob } from './blob-bytes.ts';
import type { Platform, PutAnswer, PutRequest } from './platform.ts';

/** The part of XMLHttpRequest in use, so that the package compiles without the DOM's types. */
type Xhr = {
  upload: { onprogress: ((event: { loaded: number }) => void) | null };
  onloadend: (() => void) | null;
  status: number;
  responseText: string;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: Blob): void;
  abort(): void;
};
declare const XMLHttpRequest: (new () => Xhr) | undefined;

/** Browsers, and every runtime that keeps to the standard. */
export const platform: Platform = {
  openFile: () => Promise.reject(noFiles()),
  async keepStream(stream, signal) {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of stream) {
      signal.throwIfAborted();
      pieces.push(new Uint8Array(piece));
    }
    return bytesOfBlob(new Blob(pieces));
  },
  async newSha256() {
    // Web Crypto has no hash that takes its bytes piece by piece.
    const { createSHA256 } = await import('hash-wasm');
    const hash = await createSHA256();
    return {
      update: (piece) => void hash.update(piece),
      digest: () => {
        const hex = hash.digest('hex');
        hash.init();
        return hex;
      },
    };
  },
  put: (request) =>
    typeof XMLHttpRequest === 'undefined' ? putByFetch(request) : putByXhr(request, new XMLHttpRequest()),
  createFile: () => Promise.reject(noFiles()),
};

const noFiles = () =>
  new TypeError('There are no files by path here; give a File, a Blob or bytes, and take bytes or a stream.');

const silenceMs = 120_000;

function bodyOf({ bytes, from, to }: PutRequest): Blob {
  if (!bytes.blob) throw new TypeError('Only a Blob or bytes can be sent here.');
  return bytes.blob(from, to);
}

async function putByFetch(request: PutRequest): Promise<PutAnswer> {
  const { url, headers, signal, from, to, onSent } = request;
  const response = await fetch(url, { method: 'PUT', headers: { ...headers }, body: bodyOf(request), signal });
  const text = await response.text();
  if (response.ok) onSent(to - from);
  return { status: response.status, retryAfter: response.headers.get('retry-after') ?? undefined, text };
}

/** Only XMLHttpRequest tells how much of a body has left. */
function putByXhr(request: PutRequest, xhr: Xhr): Promise<PutAnswer> {
  const { url, headers, signal, onSent } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => xhr.abort();
    const silence = { timer: setTimeout(stop, silenceMs) };
    const moved = () => {
      clearTimeout(silence.timer);
      silence.timer = setTimeout(stop, silenceMs);
    };
    signal.addEventListener('abort', stop, { once: true });
    xhr.upload.onprogress = ({ loaded }) => {
      moved();
      onSent(loaded);
    };
    xhr.onloadend = () => {
      clearTimeout(silence.timer);
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return reject(signal.reason);
      if (xhr.status === 0) return reject(new TypeError('The store could not be reached, or it allows no page here.'));
      // Where the bucket's CORS rules do not name the header, asking for it is an error in the page's console.
      const retryAfter = xhr.status < 400 ? undefined : (xhr.getResponseHeader('retry-after') ?? undefined);
      resolve({ status: xhr.status, retryAfter, text: xhr.responseText });
    };
    xhr.open('PUT', url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.send(bodyOf(request));
  });
}
