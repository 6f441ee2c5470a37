import { expect, test } from 'vitest';
import { z } from 'zod';
import { filterOf } from '../../server/features/filter/contract.ts';
import { renamed } from '../../server/procedure/wire-names.ts';

const Condition = z
  .strictObject({ path: z.string(), isThere: z.boolean().optional(), equals: z.json().optional() })
  .meta({ id: 'TestCondition' });
const Tree = filterOf('TestTree', Condition);
const problems = (given: unknown) =>
  Tree.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
const nested = (levels: number) => {
  let tree: unknown = { path: 'a' };
  for (let level = 0; level < levels; level += 1) tree = { not: tree };
  return tree;
};

test('a tree of and, or and not is read as it is given', () => {
  const tree = {
    and: [{ path: 'a', equals: 1 }, { or: [{ not: { path: 'b' } }, { path: 'c', equals: { and: [] } }] }],
  };
  expect(Tree.parse(tree)).toEqual(tree);
});

test('a wrong condition is named by its place, and its fellows are not', () => {
  expect(problems({ and: [{ path: 'a' }, { not: { path: 3 } }] })).toEqual([
    expect.stringMatching(/^and\.1\.not\.path: .*string/),
  ]);
  expect(problems({ or: [] })).toEqual(['or: must be a list of one filter or more']);
  expect(problems({ path: 'a', and: [] })).toEqual([expect.stringContaining('and')]);
  expect(problems(7)).toEqual([expect.stringContaining('must be a condition')]);
});

test('a tree that is too deep or too large is refused, however deep or large it is', () => {
  expect(problems(nested(10))).toBeUndefined();
  for (const levels of [12, 100_000]) {
    expect(problems(nested(levels))).toEqual([expect.stringContaining('at most 10 levels')]);
    expect(problems(renamed(Tree, nested(levels), 'input'))).toEqual([expect.stringContaining('at most 10 levels')]);
  }
  const many = Array.from({ length: 201 }, () => ({ path: 'a' }));
  expect(problems({ and: many })).toEqual(['and: must have at most 200 conditions']);
  const halves = { and: [{ or: many.slice(0, 150) }, { or: many.slice(0, 150) }] };
  expect(problems(halves)?.[0]).toContain('at most 200 conditions');
});

test('by REST the fields of conditions are renamed, and the free JSON in them is not', () => {
  const given = { and: [{ not: { path: 'a', is_there: true } }, { path: 'b', equals: { is_there: 1, and: [] } }] };
  expect(renamed(Tree.optional(), given, 'input')).toEqual({
    and: [{ not: { path: 'a', isThere: true } }, { path: 'b', equals: { is_there: 1, and: [] } }],
  });
});
