import { routesOf } from '../procedure/route.ts';
import { signIns } from './accounts/procedures.ts';
import { annotations } from './annotations/procedures.ts';
import { artifacts } from './artifacts/procedures.ts';
import { audit } from './audit/procedures.ts';
import { checkpoints } from './checkpoints/procedures.ts';
import { chunks } from './chunks/procedures.ts';
import { context } from './context/procedures.ts';
import { datasets } from './datasets/procedures.ts';
import { experiments } from './experiments/procedures.ts';
import { ingests } from './ingests/procedures.ts';
import { logs } from './logs/procedures.ts';
import { models } from './models/procedures.ts';
import { modules } from './modules/procedures.ts';
import { objects } from './objects/procedures.ts';
import { recall } from './recall/procedures.ts';
import { search } from './search/procedures.ts';
import { sessions } from './sessions/procedures.ts';
import { system } from './system/procedures.ts';
import { tokens } from './tokens/procedures.ts';
import { topologies } from './topologies/procedures.ts';
import { training } from './training/procedures.ts';
import { users } from './users/procedures.ts';
import { invitations, members, workspaces } from './workspaces/procedures.ts';

/** Every procedure by its noun and its verb. */
export const nouns = {
  users,
  workspaces,
  members,
  invitations,
  tokens,
  signIns,
  topologies,
  modules,
  datasets: { ...datasets, ...ingests, ...recall },
  chunks,
  training,
  models,
  checkpoints,
  logs,
  artifacts,
  objects,
  context,
  annotations,
  sessions,
  experiments,
  audit,
  search,
  system,
};

/** Every procedure by its name, as it is called and described. */
export const routes = routesOf(nouns);
