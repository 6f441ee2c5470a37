import { randomUUID } from 'node:crypto';

/** Identifies this process: a new ingest belongs first to the server that was asked for it. */
export const thisServer = randomUUID();
/** Signals that there may be an ingest to take. */
export const ingestsTopic = 'ingests';
/** Signals that an ingest is further. */
export const ingestTopic = (id: number) => `ingest:${id}`;
