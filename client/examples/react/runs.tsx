import { useQuery } from '@tanstack/react-query';
import { useNexus, useRunMetrics } from '@topology-nexus/client/react';

/** The newest run of a topology, and its loss as it is logged. */
export function Runs({ topologyId }: { topologyId: number }) {
  const nexus = useNexus();
  const runs = useQuery(nexus.training.list.queryOptions({ topologyId, limit: 1 }));
  const run = runs.data?.items[0];
  return (
    <section aria-label="Training">
      <h2>Training</h2>
      {runs.error && <p role="alert">{runs.error.message}</p>}
      {run ? <Loss runId={run.id} /> : <p>{runs.isPending ? 'Reading …' : 'No run yet.'}</p>}
    </section>
  );
}

function Loss({ runId }: { runId: number }) {
  const { curves, status, isLive, error } = useRunMetrics({ runId, keys: ['loss'] });
  const points = (curves.loss ?? []).filter(({ value }) => Number.isFinite(value));
  return (
    <>
      {error && <p role="alert">{error.message}</p>}
      <Line points={points.map(({ step, value }) => [step, value])} />
      <p>
        <output aria-label="Points">{points.length}</output> points of <code>loss</code>, last{' '}
        <output aria-label="Last loss">{points.at(-1)?.value.toPrecision(4)}</output>{' '}
        <small>
          <output aria-label="Run">{status}</output>
          {isLive && ', live'}
        </small>
      </p>
    </>
  );
}

const width = 400;
const height = 160;
const margin = 8;

function Line({ points }: { points: [step: number, value: number][] }) {
  const scale = (axis: 0 | 1, from: number, to: number) => {
    const numbers = points.map((point) => point[axis]);
    const least = Math.min(...numbers);
    const range = Math.max(...numbers) - least || 1;
    return (value: number) => (from + ((value - least) / range) * (to - from)).toFixed(1);
  };
  const x = scale(0, margin, width - margin);
  const y = scale(1, height - margin, margin);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label="Loss by step">
      <polyline points={points.map(([step, value]) => `${x(step)},${y(value)}`).join(' ')} />
    </svg>
  );
}
