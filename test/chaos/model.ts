/** The answers that the load got: an acknowledged write must be there once, one that was given up may be there once. */
export type Model = {
  topologies: Map<number, { name: string; noteId: string }>;
  /** Names whose creation had no answer. */
  unsureTopologies: Map<string, string>;
  deletedTopologies: Set<number>;
  unsureDeletions: Set<number>;
  notes: Set<string>;
  unsureNotes: Set<string>;
  objects: Map<string, { sizeBytes: number }>;
  points: Set<string>;
};

export const newModel = (): Model => ({
  topologies: new Map(),
  unsureTopologies: new Map(),
  deletedTopologies: new Set(),
  unsureDeletions: new Set(),
  notes: new Set(),
  unsureNotes: new Set(),
  objects: new Map(),
  points: new Set(),
});

/** The content of the stores, as far as the load made it. */
export type Held = {
  topologies: readonly { id: number; name: string; moduleCount: number }[];
  notes: ReadonlySet<string>;
  objects: ReadonlyMap<string, { rowBytes: number; storedBytes: number | undefined }>;
  points: ReadonlySet<string>;
};

export type Verdict = { lost: string[]; doubled: string[]; leftBehind: string[] };

/** Compares what was acknowledged with what is held. */
export function compare(model: Model, held: Held): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], leftBehind: [] };
  const byId = new Map(held.topologies.map((topology) => [topology.id, topology]));
  const names = new Set<string>();
  for (const { id, name, moduleCount } of held.topologies) {
    if (names.has(name) || moduleCount > 1) verdict.doubled.push(`topology ${name}`);
    names.add(name);
    if (moduleCount < 1) verdict.lost.push(`module of topology ${name}`);
    if (!model.topologies.has(id) && !model.unsureTopologies.has(name)) verdict.leftBehind.push(`topology ${name}`);
  }
  for (const [id, { name, noteId }] of model.topologies) {
    const isDeleted = model.deletedTopologies.has(id);
    if (isDeleted && byId.has(id)) verdict.leftBehind.push(`deleted topology ${name}`);
    if (isDeleted && held.notes.has(noteId)) verdict.leftBehind.push(`note ${noteId} of a deleted topology`);
    if (isDeleted || model.unsureDeletions.has(id)) continue;
    if (!byId.has(id)) verdict.lost.push(`topology ${name}`);
    if (!held.notes.has(noteId)) verdict.lost.push(`note ${noteId} of topology ${name}`);
  }
  for (const [name, noteId] of model.unsureTopologies) {
    if (names.has(name) !== held.notes.has(noteId)) verdict.lost.push(`half of topology ${name} and its note`);
  }
  const knownNotes = new Set([
    ...model.notes,
    ...model.unsureNotes,
    ...model.unsureTopologies.values(),
    ...[...model.topologies.values()].map(({ noteId }) => noteId),
  ]);
  for (const id of model.notes) if (!held.notes.has(id)) verdict.lost.push(`note ${id}`);
  for (const id of held.notes) if (!knownNotes.has(id)) verdict.leftBehind.push(`note ${id}`);
  for (const [id, { sizeBytes }] of model.objects) {
    const there = held.objects.get(id);
    if (there?.rowBytes !== sizeBytes || there.storedBytes !== sizeBytes) verdict.lost.push(`object ${id}`);
  }
  for (const id of model.points) if (!held.points.has(id)) verdict.lost.push(`point ${id}`);
  return verdict;
}
