/** Constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009). */
const fusionConstant = 60;

/** The score that a place in a ranking, from 0, adds when rankings are fused: scores of different kinds do not compare. */
export const reciprocalRank = (place: number): number => 1 / (fusionConstant + place + 1);
