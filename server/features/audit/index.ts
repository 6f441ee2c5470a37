export { endOldEntries } from './end-old-entries.ts';
export { recordAudit } from './record-audit.ts';
