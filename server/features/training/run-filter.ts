import { type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../../procedure/actor.ts';
import type { RunCondition, RunFilter, RunSort } from './contract.ts';

type Value = string | number | boolean | Date;

/** The subject of a condition or an order: a column of the run, or of a row that the run may have for it. */
type Subject = { type: 'text' | 'float8' | 'timestamptz'; value: SQL; source?: SQL };

const columns: Record<NonNullable<RunCondition['field']>, Subject> = {
  name: { type: 'text', value: sql`r.name` },
  status: { type: 'text', value: sql`r.status` },
  codeVersion: { type: 'text', value: sql`r.code_version` },
  topologyId: { type: 'float8', value: sql`r.topology_id` },
  moduleId: { type: 'float8', value: sql`r.module_id` },
  parentRunId: { type: 'float8', value: sql`r.parent_run_id` },
  accuracy: { type: 'float8', value: sql`r.accuracy` },
  finalLoss: { type: 'float8', value: sql`r.final_loss` },
  epochs: { type: 'float8', value: sql`r.epochs` },
  createdAt: { type: 'timestamptz', value: sql`r.created_at` },
  startedAt: { type: 'timestamptz', value: sql`r.started_at` },
  finishedAt: { type: 'timestamptz', value: sql`r.finished_at` },
};

const figures = { last: sql`f.last_value`, min: sql`f.min_value`, max: sql`f.max_value` } as const;

const ofRun = sql`and f.run_id = r.id`;
const ofParam = (actor: Actor, path: string, link = ofRun) =>
  sql`from run_params f where f.workspace_id = ${actor.workspaceId} and f.path = ${path} ${link}`;
const ofMetric = (actor: Actor, key: string, link = ofRun) =>
  sql`from metric_series f where f.workspace_id = ${actor.workspaceId} and f.key = ${key} ${link}`;

/** A tree of conditions over the run `r`. */
export function filterSql(actor: Actor, filter: RunFilter): SQL {
  if ('and' in filter)
    return sql`(${sql.join(
      filter.and.map((one) => filterSql(actor, one)),
      sql` and `,
    )})`;
  if ('or' in filter)
    return sql`(${sql.join(
      filter.or.map((one) => filterSql(actor, one)),
      sql` or `,
    )})`;
  // A value that cannot be compared does not meet a condition, and therefore meets its opposite.
  if ('not' in filter) return sql`(${filterSql(actor, filter.not)}) is not true`;
  return conditionSql(actor, filter);
}

function conditionSql(actor: Actor, condition: RunCondition): SQL {
  const { field, tag } = condition;
  if (tag !== undefined) return sql`r.tags @> array[${tag}]::text[]`;
  if (field !== undefined) {
    const { type, value } = columns[field];
    return testsSql(condition, (one) => cast(value, one, type), sql`${value} is not null`);
  }
  const { source, tests, isThere } = besideSql(actor, condition);
  if (condition.exists === false) return sql`not exists (select 1 ${source} and ${isThere})`;
  return sql`exists (select 1 ${source} and ${tests})`;
}

/** The rows beside a run that a condition on a param or metric is about, and what must hold for one of them. */
function besideSql(actor: Actor, condition: RunCondition, link?: SQL): { source: SQL; tests: SQL; isThere: SQL } {
  const { param, metric, figure } = condition;
  if (metric !== undefined) {
    const value = figures[figure ?? 'last'];
    const isThere = sql`${value} is not null`;
    const tests = testsSql(condition, (one) => cast(value, one, 'float8'), isThere);
    return { source: ofMetric(actor, metric, link), tests, isThere };
  }
  const typed = (one: Value): Compared =>
    typeof one === 'number'
      ? { left: sql`f.number`, right: sql`${one}::float8` }
      : { left: sql`f.text`, right: sql`${String(one)}::text` };
  const isThere = sql`true`;
  return { source: ofParam(actor, param ?? '', link), tests: testsSql(condition, typed, isThere), isThere };
}

/**
 * Queries for the runs that fulfil one of the conditions of which all must hold, each answered from an index alone, and at
 * most `limit` of them.
 */
export function narrowingSql(actor: Actor, filter: RunFilter, limit: number): SQL[] {
  if ('and' in filter) return filter.and.flatMap((one) => narrowingSql(actor, one, limit));
  if ('or' in filter || 'not' in filter || filter.exists === false) return [];
  if (filter.param === undefined && filter.metric === undefined) return [];
  const { source, tests } = besideSql(actor, filter, sql``);
  return [sql`select f.run_id::float8 as id ${source} and ${tests} limit ${limit}`];
}

type Compared = { left: SQL; right: SQL };
const cast = (left: SQL, value: Value, type: Subject['type']): Compared => ({
  left,
  right: sql`${wordOf(value, type)}::text::${sql.raw(type)}`,
});

const wordOf = (value: Value, type: Subject['type']) =>
  type === 'timestamptz'
    ? new Date(Number.isNaN(Number(value)) ? String(value) : Number(value)).toISOString()
    : String(value);

function testsSql(tests: RunCondition, compared: (value: Value) => Compared, isThere: SQL): SQL {
  const parts: SQL[] = [];
  const compare = (value: Value | undefined, operator: '=' | '>' | '>=' | '<' | '<=') => {
    if (value === undefined) return;
    const { left, right } = compared(value);
    parts.push(sql`${left} ${sql.raw(operator)} ${right}`);
  };
  compare(tests.equals, '=');
  compare(tests.gt, '>');
  compare(tests.gte, '>=');
  compare(tests.lt, '<');
  compare(tests.lte, '<=');
  if (tests.in) {
    const any = tests.in.map((value) => compared(value)).map(({ left, right }) => sql`${left} = ${right}`);
    parts.push(sql`(${sql.join(any, sql` or `)})`);
  }
  if (tests.exists !== undefined) parts.push(tests.exists ? isThere : sql`not (${isThere})`);
  return sql`(${sql.join(parts, sql` and `)})`;
}

/** How a list is ordered: by a value of the run, or of a row beside it that is joined; runs without it come last. */
export type Order = { value: SQL; type: Subject['type']; join: SQL; missing: SQL };

export function orderOf(actor: Actor, { field, param, metric, figure }: RunSort): Order {
  if (field !== undefined) {
    const { type, value } = columns[field];
    return { value, type, join: sql``, missing: sql`${value} is null` };
  }
  const [source, value] =
    metric === undefined
      ? [ofParam(actor, param ?? ''), sql`f.number`]
      : [ofMetric(actor, metric), figures[figure ?? 'last']];
  return {
    value,
    type: 'float8',
    join: sql`cross join lateral (select f.* ${source} and ${value} is not null) as f`,
    missing: sql`not exists (select 1 ${source} and ${value} is not null)`,
  };
}
