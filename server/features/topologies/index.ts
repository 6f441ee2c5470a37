export { requireTopology } from './get-topology.ts';
