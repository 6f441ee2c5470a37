import { createNexusClient } from '@topology-nexus/client';

const token = process.env.NEXUS_TOKEN;
if (!token) throw new Error('NEXUS_TOKEN is not set; `npm run -s token` prints one.');

/** Of the server that the environment names. */
export const nexus = createNexusClient({ url: process.env.NEXUS_URL ?? 'http://127.0.0.1:3000', token });
