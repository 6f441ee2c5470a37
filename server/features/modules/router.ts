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
    .meta({ rest: { method: 'POST', path: '/modules', status: 201 }, does: 'Creates a QLoRA module of a topology.' })
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
    .meta({ rest: { method: 'PATCH', path: '/modules/{id}' }, does: 'Changes the fields that are given.' })
    .input(UpdateModuleInput)
    .output(QloraModule)
    .mutation(({ ctx, input }) => updateModule(ctx.stores, ctx.actor, input)),
  attachAdapter: procedure
    .meta({
      rest: { method: 'PUT', path: '/modules/{id}/adapter' },
      does: 'Makes two ready objects the module’s adapter, unless they contradict its record.',
    })
    .input(AttachAdapterInput)
    .output(QloraModule)
    .mutation(({ ctx, input }) => attachAdapter(ctx.stores, ctx.actor, input)),
  delete: procedure
    .meta({
      rest: { method: 'DELETE', path: '/modules/{id}' },
      does: 'Deletes a module that nothing was made with, and its adapter.',
    })
    .input(DeleteModuleInput)
    .output(Deletion)
    .mutation(({ ctx, input }) => deleteModule(ctx.stores, ctx.actor, input)),
});
