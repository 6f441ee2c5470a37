import { createNexusClient } from '@topology-nexus/client';
import { runningServer } from './running-server.ts';

export const nexus = createNexusClient(runningServer());
