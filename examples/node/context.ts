/** Notes that are found again, and an experiment with its metrics. */
import { nexus } from './client.ts';

const topology = await nexus.topologies.create.mutate({ name: 'my-transformer', architecture: 'transformer' });
const topologyId = `topology-${topology.id}`;

await nexus.context.add.mutate({
  type: 'performance_insight',
  data: 'Attention head 3 focuses on syntactic patterns while head 7 handles semantics',
  topologyId,
  metadata: { analysis_type: 'attention_visualization', confidence: 0.89 },
});
await nexus.context.add.mutate({ type: 'engineering_note', data: 'Shows overfitting after epoch 8', topologyId });

const experiment = await nexus.experiments.create.mutate({
  name: 'Learning Rate Sweep',
  topologyId,
  parameters: { learning_rates: [0.1, 0.01, 0.001, 0.0001] },
});
await nexus.experiments.logMetrics.mutate({
  id: experiment.id,
  metrics: { epoch: 5, train_loss: 0.234, val_loss: 0.267, learning_rate: 0.001 },
});
const { metrics } = await nexus.experiments.get.query({ id: experiment.id });
console.log('Metrics:', metrics);

const found = await nexus.context.search.query({ text: 'overfitting', topologyId, limit: 10 });
for (const { score, highlight } of found.items) console.log(score.toFixed(3), highlight);
if (found.items.length !== 1) throw new Error('The note about overfitting was not found.');
