/** A person, a topology, its QLoRA module, and the results of a training. */
import { nexus } from './client.ts';

const suffix = Date.now().toString(36);
const user = await nexus.users.create.mutate({ username: `developer-${suffix}`, email: `dev-${suffix}@example.com` });
const topology = await nexus.topologies.create.mutate({
  name: 'my-transformer',
  description: 'Custom transformer model',
  architecture: 'transformer',
  createdBy: user.id,
  config: { layers: 6, dimensions: 512 },
});
const adapter = await nexus.modules.create.mutate({
  topologyId: topology.id,
  name: 'summaries',
  rank: 8,
  alpha: 16,
  targetModules: ['q_proj', 'v_proj'],
});
const run = await nexus.training.saveResults.mutate({
  topologyId: topology.id,
  results: { final_model: 'path/to/model.pt' },
  lossValues: [0.8, 0.5, 0.3, 0.15],
  accuracy: 0.94,
  epochs: 4,
});
const { analytics } = await nexus.topologies.get.query({ id: `topology-${topology.id}` });
console.log(`Run ${run.id} of topology ${topology.id} with module ${adapter.id}:`, analytics);
if (analytics?.bestAccuracy !== 0.94) throw new Error('The analytics do not have the accuracy of the run.');
