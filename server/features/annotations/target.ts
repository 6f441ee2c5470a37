import { invalidInput } from '../../errors.ts';
import type { TargetType } from './contract.ts';

const numbered = ['topology', 'module', 'run', 'dataset', 'model'] as const;
export type NumberedTarget = (typeof numbered)[number];

/** A target as documents name it; `row` is set where it is a row of PostgreSQL. */
export type Target = { name: string; type: TargetType; row?: { type: NumberedTarget; id: number } };

/** `123`, `"123"` and `"module-123"` are one and the same module; any other text stands for itself. */
export function targetOf(type: TargetType, given: number | string): Target {
  const numberedType = numbered.find((one) => one === type);
  const digits = new RegExp(`^(?:${type}-)?([1-9][0-9]{0,15})$`).exec(String(given))?.[1];
  if (numberedType && digits) {
    return { name: `${type}-${Number(digits)}`, type, row: { type: numberedType, id: Number(digits) } };
  }
  if (type === 'topology') {
    throw invalidInput(
      'targetId',
      `targetId ${JSON.stringify(given)} is no topology; give 123, "123" or "topology-123".`,
    );
  }
  return { name: String(given), type };
}
