/** The baseline of `npm run bench -- request`: node:http, the same SQL by postgres.js, JSON.stringify, and nothing else. */
import { createServer } from 'node:http';
import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL ?? '', { max: 20 });
const columns = sql`id, workspace_id, created_at, updated_at, created_by, name, description, architecture, config`;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [, id] = pathname.match(/^\/topologies\/(\d+)$/) ?? [];
  const workspace = Number(searchParams.get('workspace'));
  const work = id
    ? sql`select ${columns} from topologies where workspace_id = ${workspace} and id = ${Number(id)}`.then(
        ([row]) => row,
      )
    : sql`select ${columns} from topologies where workspace_id = ${workspace} order by id desc limit 51`;
  work.then(
    (answer) => {
      const body = JSON.stringify(answer);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    },
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`listening http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));
