export { lastHealth, lastReady } from './check-health.ts';
export { repairStores } from './repair-stores.ts';
export { countOutbox, countPending } from './store.ts';
export { verifyStores } from './verify-stores.ts';
