export { requireModule } from './get-module.ts';
