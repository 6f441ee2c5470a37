import { QueryClient } from '@tanstack/react-query';
import { createNexusClient } from '@topology-nexus/client';
import { NexusProvider } from '@topology-nexus/client/react';
import { StrictMode, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Files } from './files.tsx';
import { Notes } from './notes.tsx';
import { Runs } from './runs.tsx';
import { Topologies } from './topologies.tsx';

const queryClient = new QueryClient();

type Access = { url: string; token: string };

function Page() {
  const [access, setAccess] = useState<Access>();
  // `useMemo`, not `useState`: a client is a function, which React would call.
  const client = useMemo(() => access && createNexusClient(access), [access]);
  const [topologyId, setTopologyId] = useState<number>();
  if (!client) return <SignIn onAccess={setAccess} />;
  const signOut = () => {
    // The next person must not see the data of this one.
    queryClient.clear();
    setTopologyId(undefined);
    setAccess(undefined);
  };
  return (
    <NexusProvider client={client} queryClient={queryClient}>
      <main>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
        <Topologies chosen={topologyId} onChoose={setTopologyId} />
        {topologyId !== undefined && <Runs key={topologyId} topologyId={topologyId} />}
        {topologyId !== undefined && <Notes topologyId={topologyId} />}
        <Files />
      </main>
    </NexusProvider>
  );
}

function SignIn({ onAccess }: { onAccess: (access: Access) => void }) {
  return (
    <form action={(form) => onAccess({ url: String(form.get('server')), token: String(form.get('token')) })}>
      <label>
        Server <input name="server" type="url" defaultValue={location.origin} required />
      </label>{' '}
      <label>
        Token <input name="token" type="password" autoComplete="off" required />
      </label>{' '}
      <button type="submit">Sign in</button>
    </form>
  );
}

const place = document.getElementById('page');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
