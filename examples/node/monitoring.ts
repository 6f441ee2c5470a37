/** How the stores are doing, how long a call took, and a log that is kept. */
import { nexus } from './client.ts';

const { status, stores } = await nexus.system.health.query();
console.log('The server is', status);
for (const [store, health] of Object.entries(stores)) console.log(`  ${store}: ${health.status}`);

const startedAt = performance.now();
const { items } = await nexus.topologies.list.query({ name: 'transformer', limit: 50 });
const durationMs = performance.now() - startedAt;
console.log(`${items.length} topologies in ${durationMs.toFixed(1)} ms`);

const log = await nexus.uploads.log({ name: 'app-performance', data: { topologiesListMs: durationMs, status } });
const today = await nexus.logs.list.query({ date: new Date().toISOString().slice(0, 10) });
console.log('Kept at', log.key);
if (!today.items.some(({ id }) => id === log.id)) throw new Error('The log is not among those of its day.');
