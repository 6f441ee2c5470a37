import { procedure, router } from '../../api/procedures.ts';
import { Deletion } from '../contract.ts';
import {
  CreatedTopology,
  CreateTopologyInput,
  DeleteTopologyInput,
  GetTopologyInput,
  ListTopologiesInput,
  Topology,
  TopologyAnalytics,
  TopologyDetails,
  TopologyInput,
  TopologyPage,
  UpdateTopologyInput,
} from './contract.ts';
import { createTopology } from './create-topology.ts';
import { deleteTopology } from './delete-topology.ts';
import { getAnalytics, getTopology } from './get-topology.ts';
import { listTopologies } from './list-topologies.ts';
import { updateTopology } from './update-topology.ts';

export const topologiesRouter = router({
  create: procedure
    .meta({
      bodyMiB: 64,
      rest: {
        method: 'POST',
        path: '/topologies',
        status: 201,
        example: {
          name: 'my-transformer',
          description: 'Custom transformer model',
          architecture: 'transformer',
          config: { layers: 6, dimensions: 512 },
        },
      },
      does: 'Creates a topology, with modules and context all or nothing.',
    })
    .input(CreateTopologyInput)
    .output(CreatedTopology)
    .mutation(({ ctx, input }) => createTopology(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({
      rest: { method: 'GET', path: '/topologies/{id}' },
      does: 'A topology with its recent context and its analytics.',
    })
    .input(GetTopologyInput)
    .output(TopologyDetails)
    .query(({ ctx, input }) => getTopology(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/topologies' }, does: 'Lists topologies, newest first.' })
    .input(ListTopologiesInput)
    .output(TopologyPage)
    .query(({ ctx, input }) => listTopologies(ctx.stores, ctx.actor, input)),
  update: procedure
    .meta({
      bodyMiB: 64,
      rest: { example: { description: 'Six layers, after the sweep' }, method: 'PATCH', path: '/topologies/{id}' },
      does: 'Changes the fields that are given.',
    })
    .input(UpdateTopologyInput)
    .output(Topology)
    .mutation(({ ctx, input }) => updateTopology(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/topologies/{id}' },
      does: 'Deletes a topology with its modules, runs, checkpoints and documents, or tells what would go.',
    })
    .input(DeleteTopologyInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteTopology(ctx.stores, ctx.actor, input)),
  analytics: procedure
    .meta({
      rest: { method: 'GET', path: '/analytics/topologies/{id}' },
      does: 'What the training of a topology came to.',
    })
    .input(TopologyInput)
    .output(TopologyAnalytics)
    .query(({ ctx, input }) => getAnalytics(ctx.stores, ctx.actor, input)),
});
