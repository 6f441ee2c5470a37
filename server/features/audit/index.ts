export { endOldEntries } from './end-old-entries.ts';
export { type AccountEvent, recordAccount } from './record-account.ts';
export { recordAudit } from './record-audit.ts';
