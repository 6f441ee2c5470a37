import { v7 } from 'uuid';
import { z } from 'zod';
import type { Actor } from '../../procedure/actor.ts';
import type { StoredDocument } from '../../stores/documents.ts';
import { Id, storageProblem } from '../contract.ts';

/** An id that sorts by its time, which keeps CouchDB's file small. */
export const newDocumentId = (kind: 'ctx' | 'ann' | 'ses' | 'exp') => `${kind}_${v7()}`;

/** A topology as documents name it. */
export const topologyName = (id: number) => `topology-${id}`;

const topologyPattern = /^(?:topology-)?([1-9][0-9]{0,15})$/;

/** Fields of every document. Other programs may leave out the author, and name a topology by 12, "12" or "topology-12". */
export const storedFields = {
  _id: z.string(),
  _rev: z.string(),
  workspace_id: Id,
  created_by: Id.nullish().catch(null),
  topology_id: z
    .unknown()
    .optional()
    .transform((value) =>
      typeof value === 'string' || typeof value === 'number' ? topologyPattern.exec(String(value))?.[1] : undefined,
    )
    .transform((digits) => (digits === undefined ? null : Number(digits))),
};

export const StoredInstant = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), 'must be an ISO 8601 time');

/** JSON that another program may have written, refused where it could not be handed on. */
export const StoredJson = z
  .custom<z.infer<ReturnType<typeof z.json>>>()
  .refine((value) => storageProblem(value, 8 * 1024 * 1024) === undefined);
export const StoredObject = z
  .record(z.string(), z.unknown())
  .pipe(z.custom<Record<string, z.infer<ReturnType<typeof z.json>>>>())
  .refine((value) => storageProblem(value, 8 * 1024 * 1024) === undefined);

/** Whether a document is the actor's to see. */
export const isOfWorkspace = (actor: Actor, document: StoredDocument) => document.workspace_id === actor.workspaceId;
