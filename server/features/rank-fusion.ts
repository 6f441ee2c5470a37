/** Of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009). */
const fusionConstant = 60;

/** What a place in a ranking, from 0, adds to the score of rankings that are fused: scores of different kinds do not compare. */
export const reciprocalRank = (place: number): number => 1 / (fusionConstant + place + 1);
