import type { ObjectContents } from '../objects/contract.ts';
import type { QloraModule } from './contract.ts';

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/**
 * Contradictions between an adapter's files and the module's own record, each as a sentence: rank, alpha and target
 * modules, and the base model where the record names one. Empty where they agree, or where a file says nothing of it.
 */
export function contradictionsOf(
  module: Pick<QloraModule, 'rank' | 'alpha' | 'targetModules' | 'baseModel'>,
  contents: readonly (ObjectContents | null)[],
): string[] {
  return contents.flatMap((one) => {
    if (one?.format === 'safetensors') return one.adapter ? ofWeights(module, one.adapter, contents) : [];
    return one ? ofConfig(module, one) : [];
  });
}

type Record = Pick<QloraModule, 'rank' | 'alpha' | 'targetModules' | 'baseModel'>;

function ofWeights(
  module: Record,
  adapter: { ranks: number[]; targetModules: string[] },
  contents: readonly (ObjectContents | null)[],
): string[] {
  const config = contents.find((one) => one?.format === 'peft-adapter-config');
  const ranks = new Set([module.rank, ...(config?.format === 'peft-adapter-config' ? config.otherRanks : [])]);
  const other = adapter.ranks.filter((rank) => !ranks.has(rank));
  return [
    ...(other.length > 0 ? [`the weights have rank ${other.join(', ')}, the module ${module.rank}`] : []),
    ...ofTargets('the weights', module, adapter.targetModules),
  ];
}

function ofConfig(module: Record, config: Extract<ObjectContents, { format: 'peft-adapter-config' }>): string[] {
  const { rank, alpha, targetModules, baseModel } = config;
  const found: string[] = [];
  if (rank !== null && rank !== module.rank) found.push(`adapter_config.json has r ${rank}, the module ${module.rank}`);
  if (alpha !== null && alpha !== module.alpha) {
    found.push(`adapter_config.json has lora_alpha ${alpha}, the module ${module.alpha}`);
  }
  if (baseModel !== null && module.baseModel !== null && baseModel !== module.baseModel) {
    found.push(`adapter_config.json is for the base model "${baseModel}", the module for "${module.baseModel}"`);
  }
  return targetModules === null ? found : [...found, ...ofTargets('adapter_config.json', module, targetModules)];
}

/** Names count by their last part: a record may say `q_proj` or `layers.0.self_attn.q_proj`. */
function ofTargets(what: string, { targetModules }: Record, targets: readonly string[]): string[] {
  const lastPart = (name: string) => name.slice(name.lastIndexOf('.') + 1);
  const own = new Set(targetModules.map(lastPart));
  const theirs = new Set(targets.map(lastPart));
  const isSame = own.size === theirs.size && [...own].every((name) => theirs.has(name));
  return isSame ? [] : [`${what} adapts ${listed([...theirs].sort())}, the module ${listed([...own].sort())}`];
}
