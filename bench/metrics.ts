/**
 * Metrics on a real PostgreSQL, each against its reference in the same run:
 * points a second by the client's run logger over HTTP beside a bare postgres.js multi-row insert into the same table (goal
 * 0.5); the last 100,000 points of a run of 5 million beside the first 100,000 of a fresh one (0.9); `training.list` with
 * two filters and a sort over 50,000 runs beside the same over 500 (3); a curve of 10 million points (100 ms); and how
 * long after `training.log` returned 200 followers had the point.
 * `npm run bench -- metrics list live` runs these parts only (insert, long, history, list, live); NEXUS_BENCH_POINTS makes
 * the long run shorter.
 */
import { performance } from 'node:perf_hooks';
import { createNexusClient, createRunLogger } from '@topology-nexus/client';
import postgres from 'postgres';
import { requireDatabaseUrl, startServerProcess } from './support/server.ts';

const longRunPoints = Number(process.env.NEXUS_BENCH_POINTS ?? 5_000_000);
const only = process.argv.slice(3);
const isWanted = (part: string) => only.length === 0 || only.includes(part);
const admin = postgres(requireDatabaseUrl(), { max: 1, onnotice: () => undefined });
const database = `nexus_bench_${process.pid}`;
await admin.unsafe(`create database ${database}`);
const address = new URL(requireDatabaseUrl());
address.pathname = `/${database}`;
const sql = postgres(address.href, { max: 1, onnotice: () => undefined, connection: { jit: 'off' } });
const server = await startServerProcess({ DATABASE_URL: address.href });
try {
  const nexus = createNexusClient(server);
  const { id: topologyId } = await nexus.topologies.create.mutate({ name: 'bench', architecture: 'transformer' });
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const timed = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  const startRun = async () => (await nexus.training.start.mutate({ topologyId })).id;

  /** Two curves, step by step, as a training loop logs them. */
  const logSteps = async (runId: number, from: number, steps: number) => {
    const logger = createRunLogger(nexus, runId, { flushPoints: 10_000 });
    for (let step = from; step < from + steps; step += 1) {
      logger.log(step, { loss: 1 / (step + 1) + Math.random() / 100, accuracy: Math.random() });
      // A loop awaits its batches: the logger sends meanwhile.
      if (step % 5_000 === 4_999) await new Promise((resolve) => setImmediate(resolve));
    }
    const delivery = await logger.close({ timeoutMs: 600_000 });
    if (delivery.delivered !== steps * 2) throw new Error(`Not all was delivered: ${JSON.stringify(delivery)}`);
  };
  const insertBare = async (runId: number, steps: number) => {
    const [a, b] = await sql<{ id: number }[]>`
      insert into metric_series (workspace_id, run_id, key) select workspace_id, id, key from training_runs, unnest(array['x', 'y']) key
      where id = ${runId} returning id`;
    for (let from = 0; from < steps; from += 5_000) {
      const rows = Array.from({ length: 10_000 }, (_, at) => ({
        run_id: runId,
        series_id: (at % 2 === 0 ? a : b)?.id ?? 0,
        step: from + (at >> 1),
        value: Math.random(),
        recorded_at: new Date(),
        revision: from,
      }));
      await sql`insert into metric_points ${sql(rows)}`;
    }
  };

  if (isWanted('insert')) await benchInsert();
  if (isWanted('long')) await benchLong();
  if (isWanted('history')) await benchHistory();
  if (isWanted('list')) await benchList();
  if (isWanted('live')) await benchLive();

  async function benchInsert() {
    const perRound = 100_000;
    const rates = { ours: [] as number[], bare: [] as number[] };
    await logSteps(await startRun(), 0, 10_000);
    await insertBare(await startRun(), 10_000);
    for (let round = 0; round < 5; round += 1) {
      const [ours, bare] = [await startRun(), await startRun()];
      rates.ours.push((perRound / (await timed(() => logSteps(ours, 0, perRound / 2)))) * 1000);
      rates.bare.push((perRound / (await timed(() => insertBare(bare, perRound / 2)))) * 1000);
    }
    const [ours, bare] = [median(rates.ours), median(rates.bare)];
    print(
      `logger over HTTP: ${ours.toFixed(0)} points/s, bare insert ${bare.toFixed(0)}/s, ratio ${(ours / bare).toFixed(2)} (goal 0.5)`,
    );
  }

  async function benchLong() {
    const long = await startRun();
    const tail = 100_000;
    for (let done = 0; done < longRunPoints - tail; done += 500_000) {
      await logSteps(long, done / 2, Math.min(500_000, longRunPoints - tail - done) / 2);
    }
    const fresh = await startRun();
    const times = { first: 0, last: 0 };
    for (let part = 0; part < 10; part += 1) {
      const steps = tail / 20;
      times.first += await timed(() => logSteps(fresh, part * steps, steps));
      times.last += await timed(() => logSteps(long, (longRunPoints - tail) / 2 + part * steps, steps));
    }
    print(
      `the last 100,000 of ${longRunPoints}: ${((tail / times.last) * 1000).toFixed(0)} points/s, the first ${((tail / times.first) * 1000).toFixed(0)}/s, ratio ${(times.first / times.last).toFixed(2)} (goal 0.9)`,
    );
  }

  async function benchHistory() {
    const curve = await startRun();
    await fillCurve(curve, 10_000_000);
    const reads: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const fromStep = n % 3 === 0 ? 0 : Math.floor(Math.random() * 5_000_000);
      const toStep = n % 3 === 0 ? undefined : fromStep + Math.floor(Math.random() * 10 ** (3 + (n % 4)));
      reads.push(
        await timed(() => nexus.training.history.query({ runId: curve, key: 'x', fromStep, toStep, points: 1000 })),
      );
    }
    print(
      `history of 10,000,000 points, 1,000 asked for, over HTTP: median ${median(reads).toFixed(0)} ms, worst ${Math.max(...reads).toFixed(0)} ms (goal 100)`,
    );
  }

  async function benchList() {
    await fillRuns(500);
    const few = await listTimes();
    await fillRuns(49_500);
    const many = await listTimes();
    for (const [name, time] of Object.entries(many)) {
      const before = few[name] ?? Number.NaN;
      print(
        `list, ${name}: 50,000 runs ${time.toFixed(1)} ms, 500 runs ${before.toFixed(1)} ms, ratio ${(time / before).toFixed(2)} (goal 3)`,
      );
    }
  }

  async function benchLive() {
    const watched = await startRun();
    const arrived = new Map<number, number[]>();
    let ready = 0;
    const followers = Array.from({ length: 200 }, () =>
      nexus.training.live.subscribe(
        { runId: watched },
        {
          onStarted: () => undefined,
          onData: ({ data }) => {
            if (data.points.length === 0) ready += 1;
            for (const { step } of data.points) arrived.get(step)?.push(performance.now());
          },
        },
      ),
    );
    const until = async (isSo: () => boolean) => {
      for (let n = 0; n < 30_000 && !isSo(); n += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    await until(() => ready === 200);
    const delays: number[] = [];
    for (let step = 0; step < 50; step += 1) {
      arrived.set(step, []);
      await nexus.training.log.mutate({ runId: watched, points: [{ key: 'loss', step, value: step }] });
      const returnedAt = performance.now();
      await until(() => arrived.get(step)?.length === 200);
      delays.push(...(arrived.get(step) ?? []).map((at) => Math.max(0, at - returnedAt)));
    }
    for (const follower of followers) follower.unsubscribe();
    const sorted = delays.toSorted((a, b) => a - b);
    print(
      `live, 200 followers, ${delays.length} of 10,000 arrivals: median ${median(delays).toFixed(1)} ms, 99th percentile ${(sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN).toFixed(1)} ms after log returned`,
    );
  }

  async function listTimes(): Promise<Record<string, number>> {
    const cases = {
      'two wide filters, by a metric': {
        filter: {
          and: [
            { param: 'optimizer.name', equals: 'adamw' },
            { metric: 'loss', figure: 'min' as const, lt: 0.5 },
          ],
        },
        sort: { metric: 'accuracy', figure: 'max' as const },
      },
      'two narrow filters, by a metric': {
        filter: {
          and: [
            { param: 'seed', lt: 5 },
            { metric: 'loss', figure: 'last' as const, lt: 0.9 },
          ],
        },
        sort: { metric: 'accuracy', figure: 'max' as const },
      },
      'tag and status, by a param': {
        filter: { and: [{ tag: 'baseline' }, { field: 'status' as const, in: ['completed', 'failed'] }] },
        sort: { param: 'lr', direction: 'asc' as const },
      },
    };
    const found: Record<string, number> = {};
    for (const [name, input] of Object.entries(cases)) {
      const all: number[] = [];
      for (let n = 0; n < 25; n += 1) all.push(await timed(() => nexus.training.list.query({ topologyId, ...input })));
      found[name] = median(all.slice(5));
    }
    return found;
  }
} finally {
  await server[Symbol.asyncDispose]();
  await sql.end();
  await admin.unsafe(`drop database ${database}`);
  await admin.end();
}

/** A curve as the server keeps it, without the time that ten million points take over HTTP. */
async function fillCurve(runId: number, points: number): Promise<void> {
  const [series] = await sql<{ id: number }[]>`
    insert into metric_series (workspace_id, run_id, key, count, last_step, last_value, min_value, min_step, max_value, max_step)
    select workspace_id, id, 'x', ${points}, ${points - 1}, 0, 0, 0, 0, 0 from training_runs where id = ${runId} returning id`;
  const id = series?.id ?? 0;
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into metric_points (run_id, series_id, step, value, recorded_at, revision)
      select ${runId}, ${id}, n, sin(n / 5000.0) + random(), now(), n / 10000 from generate_series(0, ${points - 1}::bigint) n`;
  });
  await sql`insert into metric_rollups (run_id, series_id, level, bucket, count, finite_count, sum, min_value, min_step, max_value, max_step)
    select run_id, series_id, 5, step >> 5, count(*), count(*), sum(value), min(value), (array_agg(step order by value))[1],
      max(value), (array_agg(step order by value desc))[1]
    from metric_points where run_id = ${runId} group by run_id, series_id, step >> 5`;
  for (const level of [8, 11, 14, 17]) {
    await sql`insert into metric_rollups (run_id, series_id, level, bucket, count, finite_count, sum, min_value, min_step, max_value, max_step)
      select run_id, series_id, ${level}::int, bucket >> 3, sum(count), sum(finite_count), sum(sum), min(min_value),
        (array_agg(min_step order by min_value))[1], max(max_value), (array_agg(max_step order by max_value desc))[1]
      from metric_rollups where run_id = ${runId} and level = ${level}::int - 3 group by run_id, series_id, bucket >> 3`;
  }
  await sql`vacuum analyze metric_points`;
  await sql`vacuum analyze metric_rollups`;
}

/** Runs of many kinds, as the server keeps them. */
async function fillRuns(count: number): Promise<void> {
  await sql`with made as (
      insert into training_runs (workspace_id, topology_id, name, status, params, tags, accuracy, finished_at)
      select workspace_id, id, 'run ' || n, case when n % 10 = 0 then 'failed' else 'completed' end,
        jsonb_build_object('lr', random(), 'seed', n % 1000, 'optimizer',
          jsonb_build_object('name', (array['adamw', 'sgd', 'lion'])[n % 3 + 1])),
        case when n % 7 = 0 then array['baseline'] else array['trial'] end, random(), now()
      from generate_series(1, ${count}) n, (select workspace_id, id from topologies where name = 'bench') t
      returning id, workspace_id, params),
    progress as (insert into run_progress (workspace_id, run_id, lease_seconds) select workspace_id, id, 300 from made),
    params as (
      insert into run_params (workspace_id, run_id, path, number, text)
      select workspace_id, id, path, case when path <> 'optimizer.name' then text::float8 end, text
      from made, lateral (values ('lr', params ->> 'lr'), ('seed', params ->> 'seed'),
        ('optimizer.name', params #>> '{optimizer,name}')) as p (path, text))
    insert into metric_series (workspace_id, run_id, key, count, last_step, last_value, min_value, min_step, max_value, max_step)
    select workspace_id, id, key, 100, 99, random(), random(), 5, random(), 50
    from made, unnest(array['loss', 'accuracy', 'lr', 'grad_norm']) as key`;
  await sql`vacuum analyze`;
}
