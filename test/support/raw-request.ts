import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that says what the test writes, byte by byte, and reads only where it is told to. */
export async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The head of a request, by its parts. */
export function head(line: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The status of the first answer on a connection; undefined where it ends, or says nothing in time. */
export function statusOn(socket: Socket, timeoutMs = 20_000): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const settle = (status: number | undefined) => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      resolve(status);
    };
    const timer = setTimeout(() => settle(undefined), timeoutMs);
    const onData = (part: Buffer) => {
      text += part.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      if (status !== undefined) settle(Number(status));
    };
    const onClose = () => settle(undefined);
    socket.on('data', onData).on('close', onClose);
  });
}

/** Sends a body without end, until it has sent so many bytes or the other side cuts it off; answers how many went out. */
export async function flood(socket: Socket, mostBytes: number, part: Buffer): Promise<number> {
  let sent = 0;
  while (sent < mostBytes && !socket.destroyed && socket.writable) {
    if (!socket.write(part)) await drainedOrClosed(socket);
    sent += part.length;
  }
  return sent;
}

/** A connection that was cut is no failure of the one who floods it. */
function drainedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
