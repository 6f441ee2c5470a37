/**
 * Measures the cost of the client's types to a project: type instantiations, types and the time of tsc, for a file that
 * uses ten procedures of ten nouns beside an empty one, each compiled several times in turn; times are medians. The
 * client is the built one, as published, with `skipLibCheck` on and off. Everything that it brings, Node's types too,
 * counts as its own.
 */
import { type Compiled, openConsumer } from './support/consumer.ts';

const rounds = 5;

using consumer = openConsumer();
for (const skipLibCheck of [true, false]) {
  const measured = { client: [] as Compiled[], empty: [] as Compiled[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['client', 'empty'] as const) measured[name].push(consumer.compile(name, skipLibCheck));
  }
  const [client, empty] = [of(measured.client), of(measured.empty)];
  process.stdout.write(
    `skipLibCheck ${skipLibCheck}: the client costs ${client.instantiations - empty.instantiations} instantiations, ${client.types - empty.types} types and ${((client.seconds - empty.seconds) * 1000).toFixed(0)} ms (tsc ${(client.seconds * 1000).toFixed(0)} ms, of an empty file ${(empty.seconds * 1000).toFixed(0)} ms)\n`,
  );
}

function of(runs: readonly Compiled[]): Compiled {
  const inOrder = runs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = inOrder[Math.floor(inOrder.length / 2)];
  if (!middle) throw new Error('Nothing was measured.');
  return middle;
}
