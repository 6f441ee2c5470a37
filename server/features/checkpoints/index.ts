export { removeCheckpointsOf } from './remove-checkpoints.ts';
