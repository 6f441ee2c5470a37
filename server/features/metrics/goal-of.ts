import type { Goal } from './contract.ts';

const greaterIsBetter =
  /(^|[^a-z])(acc|accuracy|auc|auroc|f1|precision|recall|score|bleu|rouge|reward|r2|iou|map|ndcg)([^a-z]|$)/;

/** Which value of a metric is its best, as its name tells: the greatest of an accuracy, the least of anything else. */
export const goalOf = (key: string): Goal => (greaterIsBetter.test(key.toLowerCase()) ? 'max' : 'min');
