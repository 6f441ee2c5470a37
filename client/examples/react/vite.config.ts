import { defaultClientConditions, defineConfig } from 'vite';

// The server and the page on one origin, as behind a proxy.
const proxy = { '/trpc': 'http://127.0.0.1:3000' };

export default defineConfig({
  root: import.meta.dirname,
  // The client as it is written here; a page of your own has the package instead.
  resolve: { conditions: ['@topology-nexus/source', ...defaultClientConditions] },
  server: { proxy },
  preview: { proxy },
});
