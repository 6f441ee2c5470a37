/**
 * Sends GET requests with tokens that nobody has, each another, at a rate, for some seconds, and prints what came back as
 * JSON. A process of its own, by plain sockets: a load generator takes more of a core than the server that refuses.
 * flood.ts <url> <requests a second> <seconds>
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const [address = '', rate = '0', seconds = '0'] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(address);
const connections = 256;
const tickMs = 5;

const statuses: Record<string, number> = {};
let sent = 0;
let answered = 0;
let failed = 0;
const idle: Socket[] = [];

const request = () =>
  `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer nexus_${randomBytes(32).toString('base64url')}\r\n\r\n`;

function open(): void {
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  socket.on('connect', () => idle.push(socket));
  // An answer is smaller than a packet, and the next request waits for it.
  socket.on('data', (chunk: Buffer) => {
    const status = chunk.toString('latin1', 9, 12);
    statuses[status] = (statuses[status] ?? 0) + 1;
    answered += 1;
    idle.push(socket);
  });
  socket.on('error', () => {
    failed += 1;
  });
}
for (let n = 0; n < connections; n += 1) open();

const startedAt = performance.now();
const endsAt = startedAt + Number(seconds) * 1000;
const timer = setInterval(() => {
  const now = performance.now();
  if (now >= endsAt) {
    clearInterval(timer);
    process.stdout.write(`${JSON.stringify({ perSecond: (answered / (now - startedAt)) * 1000, statuses, failed })}\n`);
    process.exit(0);
  }
  const due = ((now - startedAt) / 1000) * Number(rate);
  while (sent < due) {
    const socket = idle.pop();
    if (!socket) return;
    sent += 1;
    socket.write(request());
  }
}, tickMs);
