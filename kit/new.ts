import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { problemOfName, writeNoun } from './new-noun.ts';

const [kind, name, ...rest] = process.argv.slice(2);
const isCall = kind === 'noun' && name !== undefined && rest.length === 0;
const problem = isCall ? problemOfName(name) : 'Usage: npm run new -- noun NAME; NAME is a plural, such as schedules.';
if (!isCall || problem) {
  console.error(problem);
  process.exit(2);
}

const paths = writeNoun(name);
const root = fileURLToPath(new URL('..', import.meta.url));
for (const command of [['migration', '--', '--name', name], ['generate']]) {
  execFileSync('npm', ['run', '-s', ...command], { cwd: root, stdio: 'pipe' });
}
console.log(`Wrote:\n${paths.map((path) => `  ${path}\n`).join('')}and a migration, the client's types and the reference.
Next: say what ${name} are in server/published/words.ts and the contract, and give them fields of their own.`);
