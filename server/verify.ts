import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import type { Config } from './config.ts';
import { NexusError } from './errors.ts';
import { documentDatabases, followContext } from './features/context/index.ts';
import { buckets } from './features/objects/index.ts';
import { RepairInput, RepairResult, VerifyReport } from './features/system/contract.ts';
import { repairStores, verifyStores } from './features/system/index.ts';
import { startRelay } from './outbox/relay.ts';
import { renamed } from './procedure/wire-names.ts';
import { openStores } from './stores/addresses.ts';
import { openSignals } from './stores/signals.ts';
import type { Stores } from './stores/stores.ts';

type Truth = AsyncDisposable & {
  verify(): Promise<VerifyReport>;
  repair(report: VerifyReport): Promise<{ repaired: number; left: number }>;
};

/**
 * Compares the three stores and prints in what they disagree; answers whether they agree. With `isRepair` the plan is
 * printed, and carried out when the person at the terminal, or `isSure`, says so. Where a server has the data directory, it
 * is asked to do the work.
 */
export async function verify(
  config: Config,
  options: { isRepair: boolean; isSure: boolean },
  say: (line: string) => void,
): Promise<boolean> {
  await using truth = await openTruth(config);
  const report = await truth.verify();
  print(report, say);
  const plan = report.findings.filter(({ repair }) => repair !== null);
  if (!options.isRepair || plan.length === 0) return report.agrees;
  say(`Plan: ${plan.length} repairs.`);
  for (const { problem, place, key, repair } of plan) say(`  ${problem} ${place}/${key}: ${repair}`);
  if (!options.isSure && !(await isWanted())) {
    say('Nothing was changed; give --yes to carry the plan out.');
    return report.agrees;
  }
  const { repaired, left } = await truth.repair({ ...report, findings: plan });
  say(`${repaired} repaired, ${left} left.`);
  const after = await truth.verify();
  print(after, say);
  return after.agrees;
}

async function openTruth(config: Config): Promise<Truth> {
  try {
    return await openHere(config);
  } catch (error) {
    if (!(error instanceof NexusError && error.reason === 'conflict')) throw error;
    return openAtServer(config, error);
  }
}

/** Runs a relay and a follower of its own: their pending work is not yet a disagreement. */
async function openHere(config: Config): Promise<Truth> {
  await using opened = new AsyncDisposableStack();
  const log = pino({ level: 'silent' });
  const { postgres, objects, documents } = opened.use(await openStores(config, log));
  // No server may have run here yet.
  await Promise.all([objects.prepare(buckets), documents.prepare(documentDatabases)]);
  const signals = await openSignals(postgres.broadcast, log);
  const relay = opened.use(startRelay({ db: postgres.db, objects, documents, log, signals }));
  const stores: Stores = { db: postgres.db, objects, documents, log, signals, wakeRelay: relay.wake };
  const follower = opened.use(followContext(stores));
  const settled = async () => {
    await relay.drain();
    await follower.caughtUp();
  };
  const closing = opened.move();
  return {
    async verify() {
      await settled();
      return verifyStores(stores);
    },
    repair: (report) => repairStores(stores, report),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Asks by node:http, not fetch, which gives up after five minutes: this answer may take longer. */
async function openAtServer(config: Config, held: NexusError): Promise<Truth> {
  const read = (name: string) => readFile(join(config.dataDirectory, name), 'utf8').catch(() => '');
  const [url, token] = [(await read('server.url')).trim(), (await read('admin-token')).trim()];
  if (url === '' || token === '') throw held;
  const ask = (method: string, path: string, body?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const asking = request(`${url}/api${path}`, { method, headers }, (response) => {
        text(response).then((answer) => {
          if (response.statusCode === 200) return resolve(JSON.parse(answer));
          reject(new NexusError('unavailable', `The server at ${url} answered ${response.statusCode}: ${answer}`));
        }, reject);
      });
      asking.on('error', reject);
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    verify: async () => VerifyReport.parse(renamed(VerifyReport, await ask('GET', '/verify'), 'input')),
    repair: async ({ findings }) => {
      const sent = renamed(RepairInput, { findings }, 'output');
      return RepairResult.parse(renamed(RepairResult, await ask('POST', '/repair', sent), 'input'));
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function print({ agrees, counts, findings, findingCount, seconds }: VerifyReport, say: (line: string) => void): void {
  for (const { problem, place, key, detail } of findings) say(`${problem} ${place}/${key}: ${detail}`);
  if (findingCount > findings.length) say(`… and ${findingCount - findings.length} more.`);
  say(
    `${counts.objectRows} rows of ${counts.objects} objects (${counts.objectBytes} bytes), ${counts.documents} documents, ` +
      `${counts.indexRows} in the index, ${counts.effectsWaiting} effects on their way: ` +
      `${agrees ? 'the stores agree' : `${findingCount} findings`} (${seconds} s).`,
  );
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question('Carry it out? [y/N] ')).trim().toLowerCase() === 'y';
  } finally {
    terminal.close();
  }
}
