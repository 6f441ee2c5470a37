/**
 * What a flood of wrong tokens does to somebody with a good one: `users.me` a second and its 99th percentile by one
 * connection, alone and beside 10,000 calls a second with tokens that nobody has, each another. Goal: 10,000 a second
 * reached, and each of the good calls answered.
 */

import { randomBytes } from 'node:crypto';
import autocannon from 'autocannon';
import { requireDatabaseUrl, startServerProcess } from './support/server.ts';

const seconds = 8;
const wanted = 10_000;

const DATABASE_URL = requireDatabaseUrl();
await using server = await startServerProcess({ DATABASE_URL });

const good = () =>
  autocannon({
    url: `${server.url}/api/users/me`,
    connections: 1,
    duration: seconds,
    headers: { authorization: `Bearer ${server.token}` },
  });
const wrong = () =>
  autocannon({
    url: `${server.url}/api/users/me`,
    connections: 64,
    duration: seconds,
    overallRate: wanted,
    requests: [
      {
        setupRequest: (request) => ({
          ...request,
          headers: { authorization: `Bearer nexus_${randomBytes(32).toString('base64url')}` },
        }),
      },
    ],
  });

const alone = await good();
const [beside, flood] = await Promise.all([good(), wrong()]);
for (const [name, result] of [
  ['alone', alone],
  ['beside the flood', beside],
] as const) {
  const { requests, latency, non2xx, errors } = result;
  process.stdout.write(
    `${name}: ${requests.average.toFixed(0)}/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, refused ${non2xx}, failed ${errors}\n`,
  );
}
process.stdout.write(
  `the flood: ${flood.requests.average.toFixed(0)}/s of ${wanted} wanted, let in ${flood['2xx']}, failed ${flood.errors}\n`,
);
