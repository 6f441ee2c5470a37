import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNexus } from '@topology-nexus/client/react';

/** A list, and a mutation after which it is read again. */
export function Topologies({ chosen, onChoose }: { chosen: number | undefined; onChoose: (id: number) => void }) {
  const nexus = useNexus();
  const queryClient = useQueryClient();
  const list = useQuery(nexus.topologies.list.queryOptions({ limit: 10 }));
  const create = useMutation(
    nexus.topologies.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(nexus.topologies.list.queryFilter()),
    }),
  );
  const error = list.error ?? create.error;
  return (
    <section aria-label="Topologies">
      <h2>Topologies</h2>
      <form action={(form) => create.mutate({ name: String(form.get('name')), architecture: 'transformer' })}>
        <label>
          Name <input name="name" required />
        </label>{' '}
        <button type="submit" disabled={create.isPending}>
          Create
        </button>
      </form>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {list.data?.items.map(({ id, name }) => (
          <li key={id}>
            <button type="button" aria-pressed={id === chosen} onClick={() => onChoose(id)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
