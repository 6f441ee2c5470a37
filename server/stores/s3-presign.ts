import aws4 from 'aws4';

export type S3Credentials = { accessKey: string; secretKey: string; region: string };

/** A URL and the headers that must be sent with it; `content-length` is sent by itself with a body of known length. */
export type PresignedPut = { url: string; headers: Record<string, string> };

/** The length, and the SHA-256 in hexadecimal, that the body of a PUT must have. */
export type DeclaredBody = { sizeBytes: number; sha256?: string | undefined };

/** Every character that SigV4 wants escaped in a query, of which encodeURIComponent leaves some. */
export const escaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Signs a URL (SigV4 in the query, path style) that works for 1 s to seven days. minio signs no header but the host; here the
 * headers that are given are signed too, so that the URL is good for exactly the body that they describe.
 */
export function presignUrl(
  endpoint: string,
  { accessKey, secretKey, region }: S3Credentials,
  asked: {
    method: 'GET' | 'PUT';
    bucket: string;
    key: string;
    expirySeconds: number;
    query?: Record<string, string>;
    headers?: Record<string, string>;
  },
): string {
  const { protocol, host } = new URL(endpoint);
  const key = asked.key.split('/').map(escaped).join('/');
  const query = Object.entries({ ...asked.query, 'X-Amz-Expires': String(asked.expirySeconds) });
  const path = `/${asked.bucket}/${key}?${query.map(([name, value]) => `${name}=${escaped(value)}`).join('&')}`;
  const signed = aws4.sign(
    { service: 's3', region, method: asked.method, host, path, headers: { ...asked.headers }, signQuery: true },
    { accessKeyId: accessKey, secretAccessKey: secretKey },
  );
  return `${protocol}//${host}${signed.path}`;
}

/** The headers that bind a URL to a body; see `PresignedPut`. */
export function bodyHeaders({ sizeBytes, sha256 }: DeclaredBody): {
  signed: Record<string, string>;
  sent: Record<string, string>;
} {
  const sent: Record<string, string> =
    sha256 === undefined ? {} : { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') };
  return { signed: { ...sent, 'content-length': String(sizeBytes) }, sent };
}

/** `attachment` under a name, which may be in any language (RFC 6266 and RFC 5987). */
function attachmentNamed(fileName: string): string {
  return `attachment; filename="${fileName.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${escaped(fileName)}`;
}

/** Types that a browser shows without running anything. Pages and SVG hold scripts; other types may. */
const shownTypes: ReadonlySet<string> = new Set([
  'application/json',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'text/csv',
  'text/plain',
]);

/** For the query of a GET: whether its answer is saved, and under which name, or may be shown. */
export function dispositionOf(fileName: string | undefined, contentType: string | undefined): Record<string, string> {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (fileName) return { 'response-content-disposition': attachmentNamed(fileName) };
  return mediaType !== undefined && shownTypes.has(mediaType) ? {} : { 'response-content-disposition': 'attachment' };
}
