import { signInsRouter } from '../features/accounts/router.ts';
import { annotationsRouter } from '../features/annotations/router.ts';
import { artifactsRouter } from '../features/artifacts/router.ts';
import { auditRouter } from '../features/audit/router.ts';
import { checkpointsRouter } from '../features/checkpoints/router.ts';
import { chunksRouter } from '../features/chunks/router.ts';
import { contextRouter } from '../features/context/router.ts';
import { datasetsRouter } from '../features/datasets/router.ts';
import { experimentsRouter } from '../features/experiments/router.ts';
import { ingestsRouter } from '../features/ingests/router.ts';
import { logsRouter } from '../features/logs/router.ts';
import { modelsRouter } from '../features/models/router.ts';
import { modulesRouter } from '../features/modules/router.ts';
import { objectsRouter } from '../features/objects/router.ts';
import { recallRouter } from '../features/recall/router.ts';
import { searchRouter } from '../features/search/router.ts';
import { sessionsRouter } from '../features/sessions/router.ts';
import { systemRouter } from '../features/system/router.ts';
import { tokensRouter } from '../features/tokens/router.ts';
import { topologiesRouter } from '../features/topologies/router.ts';
import { trainingRouter } from '../features/training/router.ts';
import { usersRouter } from '../features/users/router.ts';
import { invitationsRouter, membersRouter, workspacesRouter } from '../features/workspaces/router.ts';
import { mergeRouters, router } from './procedures.ts';

export const appRouter = router({
  users: usersRouter,
  workspaces: workspacesRouter,
  members: membersRouter,
  invitations: invitationsRouter,
  tokens: tokensRouter,
  signIns: signInsRouter,
  topologies: topologiesRouter,
  modules: modulesRouter,
  datasets: mergeRouters(datasetsRouter, ingestsRouter, recallRouter),
  chunks: chunksRouter,
  training: trainingRouter,
  models: modelsRouter,
  checkpoints: checkpointsRouter,
  logs: logsRouter,
  artifacts: artifactsRouter,
  objects: objectsRouter,
  context: contextRouter,
  annotations: annotationsRouter,
  sessions: sessionsRouter,
  experiments: experimentsRouter,
  audit: auditRouter,
  search: searchRouter,
  system: systemRouter,
});

export type AppRouter = typeof appRouter;
