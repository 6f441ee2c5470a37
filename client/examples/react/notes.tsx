import { useMutation } from '@tanstack/react-query';
import { useContextFeed, useNexus } from '@topology-nexus/client/react';

/** The newest context of a topology, whoever writes it. */
export function Notes({ topologyId }: { topologyId: number }) {
  const nexus = useNexus();
  const { documents, isLive, error } = useContextFeed({ topologyId, limit: 8 });
  const add = useMutation(nexus.context.add.mutationOptions());
  const problem = error ?? add.error;
  return (
    <section aria-label="Context">
      <h2>Context {isLive && <small>live</small>}</h2>
      <form action={(form) => add.mutate({ type: 'training_note', data: String(form.get('note')), topologyId })}>
        <label>
          Note <input name="note" required />
        </label>{' '}
        <button type="submit">Add</button>
      </form>
      {problem && <p role="alert">{problem.message}</p>}
      <ul>
        {documents.map(({ id, data }) => (
          <li key={id}>{typeof data === 'string' ? data : JSON.stringify(data)}</li>
        ))}
      </ul>
    </section>
  );
}
