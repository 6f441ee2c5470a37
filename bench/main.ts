/**
 * `npm run bench -- NAME`: runs bench/NAME.ts, which prints ours beside its reference, measured in turn in one run.
 */
import { readdirSync } from 'node:fs';

const [name = ''] = process.argv.slice(2);
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3));
if (!names.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- ${names.join(' | ')}\n`);
  process.exit(2);
}
await import(`./${name}.ts`);
