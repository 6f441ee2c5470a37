/**
 * Attacks a server of this machine for some seconds, in a process of its own, and prints how many of its requests were answered
 * with which status, as JSON. attack.ts <name> <url> <seconds> <token of another workspace>
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [name = '', url = '', seconds = '0', token = ''] = process.argv.slice(2);
const { hostname, port } = new URL(url);
if (!/^(127\.|localhost$|\[::1\]$)/.test(hostname)) throw new Error('Attacks go to this machine only.');
const endsAt = performance.now() + Number(seconds) * 1000;
const statuses: Record<string, number> = {};
const count = (status: string) => {
  statuses[status] = (statuses[status] ?? 0) + 1;
};
const isOver = () => performance.now() >= endsAt;

const head = (line: string, headers: Readonly<Record<string, string | number>>) =>
  `${line} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${Object.entries(headers)
    .map(([key, value]) => `${key}: ${value}\r\n`)
    .join('')}\r\n`;
const known = { authorization: `Bearer ${token}` };
const json = { 'content-type': 'application/json' };

/** So many connections at a time, each opened again when it ends. `use` writes, and reads or not. */
function connections(most: number, use: (socket: Socket) => void): Promise<void> {
  const one = async () => {
    while (!isOver()) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => use(socket));
        socket.once('data', (part: Buffer) => {
          count(part.toString('latin1', 9, 12));
          socket.destroy();
        });
        const timer = setTimeout(() => socket.destroy(), Math.max(0, endsAt - performance.now()));
        socket.on('error', () => count('cut'));
        socket.on('close', () => {
          clearTimeout(timer);
          resolve();
        });
      });
      await pause(10);
    }
  };
  return Promise.all(Array.from({ length: most }, one)).then(() => undefined);
}

/** So many callers, each with one request at a time. */
async function callers(most: number, path: string, init: RequestInit = {}): Promise<void> {
  const one = async () => {
    while (!isOver()) {
      const signal = AbortSignal.timeout(Math.max(1, Math.ceil(endsAt - performance.now())));
      await fetch(url + path, { ...init, signal }).then(
        async (response) => {
          await response.arrayBuffer();
          count(String(response.status));
        },
        () => count('cut'),
      );
    }
  };
  await Promise.all(Array.from({ length: most }, one));
}

const chunk = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`;
const endless = (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
};
const names = (one: string, times: number) => Array.from({ length: times }, () => one).join('%2C');
const words = Array.from({ length: 80 }, (_, at) => `w${at}`).join(' ');

const attacks: Readonly<Record<string, () => Promise<void>>> = {
  'half-sent calls': () =>
    connections(200, (socket) => socket.write(`${head('POST /api/topologies', { ...json, 'content-length': 1000 })}{`)),
  'endless bodies': () =>
    connections(20, (socket) => {
      socket.write(head('POST /auth/sign-in/email', { ...json, 'transfer-encoding': 'chunked' }));
      endless(socket);
    }),
  'batches of health': () => callers(8, `/trpc/${names('system.health', 50)}?batch=1&input={}`),
  'guesses at a password': () =>
    callers(64, '/auth/sign-in/email', {
      method: 'POST',
      headers: { ...json, origin: url },
      body: JSON.stringify({ email: 'somebody@example.org', password: 'not the password' }),
    }),
  'types that allocate': () =>
    callers(8, '/trpc/invitations.accept', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({
        json: { token: 2_000_000_000 },
        meta: { values: { token: [['typed-array', 'Float64Array']] } },
      }),
    }),
  subscriptions: () =>
    connections(1_500, (socket) =>
      socket.write(head('GET /api/context/live', { ...known, accept: 'text/event-stream' })),
    ),
  'answers that are not read': () =>
    connections(64, (socket) => {
      socket.removeAllListeners('data').pause();
      socket.write(head('GET /api/context?limit=20', known));
    }),
  'searches in one long text': () => callers(25, `/api/search?q=${encodeURIComponent(words)}`, { headers: known }),
};

const attack = attacks[name];
if (!attack) throw new Error(`There is no attack "${name}": ${Object.keys(attacks).join(', ')}.`);
await attack();
process.stdout.write(`${JSON.stringify(statuses)}\n`);
process.exit(0);
