import { defineConfig } from 'drizzle-kit';

// The folder holds table definitions only; drizzle-kit reads each file, so `index.ts` and `columns.ts` add nothing.
export default defineConfig({
  dialect: 'postgresql',
  schema: './drizzle/schema/index.ts',
  out: './drizzle/migrations',
});
