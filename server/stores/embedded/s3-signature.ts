import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import aws4, { type RequestSigner } from 'aws4';
import { S3Refusal } from './s3-refusal.ts';

export type S3Keys = { accessKey: string; secretKey: string; region: string };

const maxSkewMs = 15 * 60_000;
const maxExpirySeconds = 604_800;

/** How a request was signed, and the hash that its body must have (undefined: any body). */
export type Signed = { isPresigned: boolean; bodySha256: string | undefined };

/**
 * Checks a request's SigV4 signature, in its header or its query, by signing it again. Every `x-amz-` header must be among
 * the signed ones, so that the holder of a URL adds nothing to it. Throws S3Refusal: no signature, a wrong one, one whose
 * time is over (15 minutes for a signed header), a body that is signed in chunks.
 */
export function checkSignature(request: IncomingMessage, keys: S3Keys, now: Date): Signed {
  const [path = '', rawQuery = ''] = (request.url ?? '/').split('?', 2);
  const query = new URLSearchParams(rawQuery);
  const claim = query.has('X-Amz-Signature') ? claimOfQuery(query, now) : claimOfHeader(request.headers, now);
  const [accessKey, day, region, service, end] = claim.credential.split('/');
  if (accessKey !== keys.accessKey) throw new S3Refusal(403, 'InvalidAccessKeyId', 'The access key is not known.');
  if (service !== 's3' || end !== 'aws4_request' || region === undefined || day !== claim.date.slice(0, 8)) {
    throw new S3Refusal(400, 'AuthorizationHeaderMalformed', 'The credential is not that of an S3 request of its day.');
  }
  if (region !== keys.region) {
    const message = `The region '${region}' is wrong; expecting '${keys.region}'`;
    throw new S3Refusal(400, 'AuthorizationHeaderMalformed', message, keys.region);
  }
  const headers = signedHeaders(request.headers, claim.names);
  const unsigned = Object.keys(request.headers).find((name) => name.startsWith('x-amz-') && !(name in headers));
  if (unsigned !== undefined || !('host' in headers)) {
    throw new S3Refusal(403, 'AccessDenied', `The header ${unsigned ?? 'host'} is not among the signed ones.`);
  }
  query.delete('X-Amz-Signature');
  const asked = {
    service: 's3',
    region,
    method: request.method ?? 'GET',
    path: query.size > 0 ? `${path}?${query}` : path,
    headers,
    signQuery: claim.isPresigned,
    doNotModifyHeaders: true,
    extraHeadersToInclude: Object.fromEntries(claim.names.map((name) => [name, true])),
  };
  const signer = new aws4.RequestSigner(asked, { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey });
  signer.datetime = claim.date;
  if (!isSame(signatureOf(signer), claim.signature)) {
    throw new S3Refusal(403, 'SignatureDoesNotMatch', 'The signature does not match the request.');
  }
  return { isPresigned: claim.isPresigned, bodySha256: claim.isPresigned ? undefined : bodyHash(request.headers) };
}

type Claim = { isPresigned: boolean; credential: string; names: string[]; date: string; signature: string };

function claimOfQuery(query: URLSearchParams, now: Date): Claim {
  const of = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  const seconds = Number(of('Expires'));
  if (of('Algorithm') !== 'AWS4-HMAC-SHA256' || !(seconds >= 1 && seconds <= maxExpirySeconds)) {
    throw new S3Refusal(400, 'AuthorizationQueryParametersError', 'The query is not signed as S3 asks.');
  }
  const at = instantOf(of('Date'));
  if (now.getTime() > at + seconds * 1000) throw new S3Refusal(403, 'AccessDenied', 'Request has expired');
  if (at > now.getTime() + maxSkewMs) throw new S3Refusal(403, 'AccessDenied', 'Request is not valid yet');
  const names = of('SignedHeaders').split(';');
  return { isPresigned: true, credential: of('Credential'), names, date: of('Date'), signature: of('Signature') };
}

function claimOfHeader(headers: IncomingHttpHeaders, now: Date): Claim {
  const { authorization = '' } = headers;
  const found = /^AWS4-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
  if (!found) throw new S3Refusal(403, 'AccessDenied', 'The request has no signature.');
  const [, credential = '', names = '', signature = ''] = found;
  const date = String(headers['x-amz-date'] ?? '');
  if (Math.abs(now.getTime() - instantOf(date)) > maxSkewMs) {
    throw new S3Refusal(403, 'RequestTimeTooSkewed', 'The request was signed more than 15 minutes from now.');
  }
  return { isPresigned: false, credential, names: names.split(';'), date, signature };
}

function instantOf(date: string): number {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const at = iso === date ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(at)) throw new S3Refusal(403, 'AccessDenied', 'The request has no valid date.');
  return at;
}

function signedHeaders(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const signed: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) signed[name] = String(value);
  }
  return signed;
}

function bodyHash(headers: IncomingHttpHeaders): string | undefined {
  const declared = String(headers['x-amz-content-sha256'] ?? '');
  if (/^[0-9a-f]{64}$/.test(declared)) return declared;
  if (declared === 'UNSIGNED-PAYLOAD') return undefined;
  throw new S3Refusal(501, 'NotImplemented', 'A body that is signed in chunks is not read here; sign it whole.');
}

function signatureOf(signer: RequestSigner): string {
  try {
    // The order matters: the query gets what it was signed with before it is read.
    signer.prepareRequest();
    return signer.signature();
  } catch (error) {
    if (error instanceof URIError) throw new S3Refusal(400, 'InvalidURI', 'The path is not well formed.');
    throw error;
  }
}

function isSame(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}
