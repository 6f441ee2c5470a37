export { checkHealth, isReady } from './check-health.ts';
export { repairStores } from './repair-stores.ts';
export { verifyStores } from './verify-stores.ts';
