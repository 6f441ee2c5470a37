export { endOldEntries } from './end-old-entries.ts';
export { recordAccount } from './record-account.ts';
export { recordAudit } from './record-audit.ts';
export type { AccountEvent } from './store.ts';
