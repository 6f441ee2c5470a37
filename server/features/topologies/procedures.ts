import { Deletion } from '../contract.ts';
import { mutation, query } from '../define.ts';
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

export const topologies = {
  create: mutation({
    role: 'editor',
    rest: 'POST /topologies',
    status: 201,
    example: {
      name: 'my-transformer',
      description: 'Custom transformer model',
      architecture: 'transformer',
      config: { layers: 6, dimensions: 512 },
    },
    bodyMiB: 64,
    does: 'Creates a topology, with modules and context all or nothing.',
    input: CreateTopologyInput,
    output: CreatedTopology,
    run: ({ ctx, input }) => createTopology(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /topologies/{id}',
    does: 'A topology with its recent context and its analytics.',
    input: GetTopologyInput,
    output: TopologyDetails,
    run: ({ ctx, input }) => getTopology(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /topologies',
    does: 'Lists topologies, newest first.',
    input: ListTopologiesInput,
    output: TopologyPage,
    run: ({ ctx, input }) => listTopologies(ctx.stores, ctx.actor, input),
  }),
  update: mutation({
    role: 'editor',
    rest: 'PATCH /topologies/{id}',
    example: { description: 'Six layers, after the sweep' },
    bodyMiB: 64,
    does: 'Changes the fields that are given.',
    input: UpdateTopologyInput,
    output: Topology,
    run: ({ ctx, input }) => updateTopology(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /topologies/{id}',
    does: 'Deletes a topology with its modules, runs, checkpoints and documents, or tells what would go.',
    input: DeleteTopologyInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteTopology(ctx.stores, ctx.actor, input),
  }),
  analytics: query({
    role: 'viewer',
    rest: 'GET /analytics/topologies/{id}',
    does: 'Reads figures over all training of a topology.',
    input: TopologyInput,
    output: TopologyAnalytics,
    run: ({ ctx, input }) => getAnalytics(ctx.stores, ctx.actor, input),
  }),
};
