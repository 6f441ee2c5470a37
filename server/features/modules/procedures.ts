import { Deletion } from '../contract.ts';
import { mutation, query } from '../define.ts';
import { attachAdapter } from './attach-adapter.ts';
import {
  AttachAdapterInput,
  CreateModuleInput,
  DeleteModuleInput,
  ListModulesInput,
  ModuleInput,
  ModulePage,
  QloraModule,
  UpdateModuleInput,
} from './contract.ts';
import { createModule } from './create-module.ts';
import { deleteModule } from './delete-module.ts';
import { getModule, listModules } from './get-module.ts';
import { updateModule } from './update-module.ts';

export const modules = {
  create: mutation({
    role: 'editor',
    rest: 'POST /modules',
    status: 201,
    example: {
      topology_id: 'topology-1',
      name: 'summaries',
      rank: 8,
      alpha: 16,
      target_modules: ['q_proj', 'v_proj'],
    },
    does: 'Creates a QLoRA module of a topology.',
    input: CreateModuleInput,
    output: QloraModule,
    run: ({ ctx, input }) => createModule(ctx.stores, ctx.actor, input),
  }),
  get: query({
    role: 'viewer',
    rest: 'GET /modules/{id}',
    does: 'A QLoRA module.',
    input: ModuleInput,
    output: QloraModule,
    run: ({ ctx, input }) => getModule(ctx.stores, ctx.actor, input),
  }),
  list: query({
    role: 'viewer',
    rest: 'GET /modules',
    does: 'Lists QLoRA modules, newest first.',
    input: ListModulesInput,
    output: ModulePage,
    run: ({ ctx, input }) => listModules(ctx.stores, ctx.actor, input),
  }),
  update: mutation({
    role: 'editor',
    rest: 'PATCH /modules/{id}',
    example: { dropout: 0.1 },
    does: 'Changes the fields that are given.',
    input: UpdateModuleInput,
    output: QloraModule,
    run: ({ ctx, input }) => updateModule(ctx.stores, ctx.actor, input),
  }),
  attachAdapter: mutation({
    role: 'editor',
    rest: 'PUT /modules/{id}/adapter',
    example: {
      weights_object_id: '01a20fca-0817-74ea-9794-a3c2a3dca66c',
      config_object_id: '01a20fca-0853-762f-907f-716b65db6cc5',
    },
    does: 'Makes two ready objects the module’s adapter, unless they contradict its record.',
    refuses: { precondition_failed: 'An object is not ready, or contradicts the module’s record.' },
    input: AttachAdapterInput,
    output: QloraModule,
    run: ({ ctx, input }) => attachAdapter(ctx.stores, ctx.actor, input),
  }),
  delete: mutation({
    role: 'editor',
    rest: 'DELETE /modules/{id}',
    does: 'Deletes a module that nothing was made with, and its adapter.',
    refuses: { conflict: 'A run or a model version was made with it.' },
    input: DeleteModuleInput,
    output: Deletion,
    run: ({ ctx, input }) => deleteModule(ctx.stores, ctx.actor, input),
  }),
};
