export { runIngests } from './run-ingests.ts';
