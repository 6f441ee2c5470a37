import { invalidInput, type NexusError } from '../../errors.ts';
import type { TargetType } from './contract.ts';

const numbered = ['topology', 'module', 'run', 'dataset', 'model', 'chunk'] as const;
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
  if (type === 'topology') throw noTarget(type, given);
  return { name: String(given), type };
}

/** The refusal of a target that no thing of this type can be. */
export function noTarget(type: TargetType, given: number | string): NexusError {
  const remedy = type === 'document' ? 'its id, such as "ctx_2024_001"' : `123, "123" or "${type}-123"`;
  return invalidInput('targetId', `targetId ${JSON.stringify(given)} is no ${type}; give ${remedy}.`, { value: given });
}
