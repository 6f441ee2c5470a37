export { refuseContradictions } from './attach-adapter.ts';
export { requireModule } from './get-module.ts';
