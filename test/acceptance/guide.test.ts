import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Nexus, startNexus } from '../support/nexus.ts';

/** The curl lines of the integration guide as they stand there; `{...}` is any JSON object, 123 a topology that is there. */
const guide = String.raw`
# Create a new topology
curl -X POST http://localhost:3000/api/topologies \
  -H "Content-Type: application/json" \
  -d '{
    "name": "my-transformer",
    "description": "Custom transformer model", 
    "architecture": "transformer",
    "created_by": 1,
    "config": {"layers": 6, "dimensions": 512}
  }'

# Upload a model
curl -X POST http://localhost:3000/api/models \
  -H "Content-Type: application/json" \
  -d '{
    "name": "trained-model-v1",
    "model_data": {...},
    "metadata": {"accuracy": 0.94, "compression": 0.1}
  }'

# Add context
curl -X POST http://localhost:3000/api/context \
  -H "Content-Type: application/json" \
  -d '{
    "type": "training_note",
    "data": "Model converged after 50 epochs",
    "topology_id": "123",
    "metadata": {"priority": "medium"}
  }'

# Search context
curl "http://localhost:3000/api/context/search?q=overfitting&limit=5"

# Get topology analytics
curl "http://localhost:3000/api/analytics/topologies/123"
`;

/** The guide's list of example calls, the others that it names. */
const calls: [method: string, path: string, body?: Record<string, unknown>][] = [
  ['GET', '/api/topologies/123'],
  ['GET', '/api/context?topology_id=123'],
  ['GET', '/api/experiments/by_topology/123'],
  [
    'POST',
    '/api/annotations',
    { target_id: 'topology-123', target_type: 'topology', annotation: 'Poor on generation' },
  ],
] as const;

let nexus: Nexus;
let topologyId: number;
let userId: number;
beforeAll(async () => {
  // The guide sends no credential.
  nexus = await startNexus({ NEXUS_AUTH: 'off' });
  const client = nexus.as(nexus.token);
  topologyId = (await client.topologies.create.mutate({ name: 'guide', architecture: 'transformer' })).id;
  userId = (await client.users.me.query()).id;
});
afterAll(async () => {
  await nexus[Symbol.asyncDispose]();
});

const lines = guide.split(/^(?=# )/m).filter((line) => line.includes('curl'));
const run = promisify(execFile);

test.each(lines)('the guide’s line works as it is written there: %s', async (line) => {
  const given = line
    .replace('http://localhost:3000', nexus.url)
    .replace('{...}', '{"layers": [1, 2]}')
    .replace('"123"', `"${topologyId}"`)
    .replace('topologies/123', `topologies/${topologyId}`)
    .replace('"created_by": 1', `"created_by": ${userId}`)
    .replace(/^curl/m, "curl -sS -w '\\n%{http_code}'");
  const { stdout } = await run('sh', ['-c', given]);
  const [, body = '', status] = /^(.*)\n(\d+)$/s.exec(stdout) ?? [];
  expect([Number(status), JSON.parse(body)]).toEqual([line.includes('-X POST') ? 201 : 200, expect.any(Object)]);
});

test.each(calls)('the guide’s %s %s works', async (method, path, body) => {
  const given = body && { ...body, target_id: `topology-${topologyId}` };
  const answer = await nexus.rest(method, path.replaceAll('123', String(topologyId)), given);
  expect([answer.status, await answer.json()]).toEqual([method === 'POST' ? 201 : 200, expect.any(Object)]);
});

test('five curl lines were found', () => {
  expect(lines).toHaveLength(5);
});
