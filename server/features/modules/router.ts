import { procedure, router } from '../../api/procedures.ts';
import { Deletion } from '../contract.ts';
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

export const modulesRouter = router({
  create: procedure
    .meta({
      rest: {
        example: {
          topology_id: 'topology-1',
          name: 'summaries',
          rank: 8,
          alpha: 16,
          target_modules: ['q_proj', 'v_proj'],
        },
        method: 'POST',
        path: '/modules',
        status: 201,
      },
      does: 'Creates a QLoRA module of a topology.',
    })
    .input(CreateModuleInput)
    .output(QloraModule)
    .mutation(({ ctx, input }) => createModule(ctx.stores, ctx.actor, input)),
  get: procedure
    .meta({ rest: { method: 'GET', path: '/modules/{id}' }, does: 'A QLoRA module.' })
    .input(ModuleInput)
    .output(QloraModule)
    .query(({ ctx, input }) => getModule(ctx.stores, ctx.actor, input)),
  list: procedure
    .meta({ rest: { method: 'GET', path: '/modules' }, does: 'Lists QLoRA modules, newest first.' })
    .input(ListModulesInput)
    .output(ModulePage)
    .query(({ ctx, input }) => listModules(ctx.stores, ctx.actor, input)),
  update: procedure
    .meta({
      rest: { example: { dropout: 0.1 }, method: 'PATCH', path: '/modules/{id}' },
      does: 'Changes the fields that are given.',
    })
    .input(UpdateModuleInput)
    .output(QloraModule)
    .mutation(({ ctx, input }) => updateModule(ctx.stores, ctx.actor, input)),
  attachAdapter: procedure
    .meta({
      rest: {
        example: {
          weights_object_id: '01a20fca-0817-74ea-9794-a3c2a3dca66c',
          config_object_id: '01a20fca-0853-762f-907f-716b65db6cc5',
        },
        method: 'PUT',
        path: '/modules/{id}/adapter',
      },
      does: 'Makes two ready objects the module’s adapter, unless they contradict its record.',
      refuses: { precondition_failed: 'An object is not ready, or contradicts the module’s record.' },
    })
    .input(AttachAdapterInput)
    .output(QloraModule)
    .mutation(({ ctx, input }) => attachAdapter(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/modules/{id}' },
      does: 'Deletes a module that nothing was made with, and its adapter.',
      refuses: { conflict: 'A run or a model version was made with it.' },
    })
    .input(DeleteModuleInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteModule(ctx.stores, ctx.actor, input)),
});
