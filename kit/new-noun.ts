import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nouns, routes } from '../server/features/nouns.ts';
import { singularOf } from './singular.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** Words of the language, and parts of the client beside its nouns. */
const reserved = ['arguments', 'this', 'downloads', 'uploads'];

/** Why a noun cannot have this name, in one line, or undefined. */
export function problemOfName(name: string): string | undefined {
  if (!/^[a-z]{2,29}s$/.test(name) || name.endsWith('ss'))
    return `"${name}" is no name of a noun; give a plural of 3 to 30 lower-case letters that ends in s, such as "schedules".`;
  const places = [`server/features/${name}`, `drizzle/schema/${name}.ts`, `test/features/${name}.test.ts`];
  if (Object.hasOwn(nouns, name) || places.some((path) => existsSync(join(root, path))))
    return `There is "${name}" already; choose another name.`;
  const tables = readdirSync(join(root, 'drizzle/schema')).map((file) => read(`drizzle/schema/${file}`));
  const own = [...templates().map(({ text }) => text), read('server/features/nouns.ts')];
  const type = new RegExp(`\\b${capital(singularOf(name))}\\b`);
  const isTaken =
    reserved.includes(name) ||
    routes.some(({ path }) => path.split('/')[1] === name) ||
    tables.some((text) => text.includes(`export const ${name} `)) ||
    own.some((text) => type.test(text) || new RegExp(`\\b${name}\\b`).test(text)) ||
    type.test(read('client/src/generated/api.ts'));
  return isTaken ? `"${name}" means something else in the code already; choose another name.` : undefined;
}

/** Writes the noun's files and its entries in the lists of tables, nouns and words; answers the paths. */
export function writeNoun(name: string): string[] {
  const noun = singularOf(name);
  const article = /^[aeio]/.test(noun) ? 'an' : 'a';
  const words: Readonly<Record<string, string>> = {
    nouns: name,
    Nouns: capital(name),
    noun,
    Noun: capital(noun),
    'a noun': `${article} ${noun}`,
    'A noun': `${capital(article)} ${noun}`,
  };
  const written = templates().map(({ path, text }) => {
    const target = path.replaceAll('nouns', name).replaceAll('noun', noun);
    mkdirSync(dirname(join(root, target)), { recursive: true });
    const filled = text.replace(/\{\{([\w ]+)\}\}/g, (_, word) => words[word] ?? word);
    writeFileSync(join(root, target), filled, { flag: 'wx' });
    return target;
  });
  enter('drizzle/schema/index.ts', /$/, `export * from './${name}.ts';\n`);
  enter('server/features/nouns.ts', /^/, `import { ${name} } from './${name}/procedures.ts';\n`);
  enter('server/features/nouns.ts', /(?=^\};)/m, `  ${name},\n`);
  enter('server/published/words.ts', /(?=^\};)/m, `  ${name}: '${capital(name)} of the workspace.',\n`);
  const paths = [...written, 'drizzle/schema/index.ts', 'server/features/nouns.ts', 'server/published/words.ts'];
  // Biome orders the imports and breaks the lines, whose lengths depend on the name.
  execFileSync('npx', ['biome', 'check', '--write', ...paths], { cwd: root, stdio: 'pipe' });
  return paths;
}

/** The files below `kit/noun`, by the paths that they have in the repository. */
function templates(): { path: string; text: string }[] {
  return readdirSync(join(root, 'kit/noun'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txt'))
    .map((path) => ({ path: path.replace(/\.txt$/, ''), text: read(`kit/noun/${path}`) }));
}

function enter(path: string, place: RegExp, line: string): void {
  const text = read(path);
  if (!place.test(text)) throw new Error(`${path} has no place for "${line.trim()}"; write it there yourself.`);
  writeFileSync(
    join(root, path),
    text.replace(place, () => line),
  );
}
