export { loseSilentRuns } from './lose-silent-runs.ts';
