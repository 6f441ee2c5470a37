import { modulesRouter } from '../features/modules/router.ts';
import { systemRouter } from '../features/system/router.ts';
import { tokensRouter } from '../features/tokens/router.ts';
import { topologiesRouter } from '../features/topologies/router.ts';
import { usersRouter } from '../features/users/router.ts';
import { router } from './procedures.ts';

export const appRouter = router({
  users: usersRouter,
  tokens: tokensRouter,
  topologies: topologiesRouter,
  modules: modulesRouter,
  system: systemRouter,
});

export type AppRouter = typeof appRouter;
