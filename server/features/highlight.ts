import { stemmer } from 'stemmer';

/** Characters searched in all texts of one answer, shared evenly: some 20 ms, or 200 ms for the worst texts. */
const maxCharacters = 500_000;
const leastEach = 500;
const mostEach = 100_000;
const maxPassages = 2;
const passageWords = 25;
const passageCharacters = 400;
const wordCharacters = 100;

/** Words of PostgreSQL's `english.stop`: its search ignores them, and so do the marks. */
const passedOver = new Set(
  `i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
  they them their theirs themselves what which who whom this that these those am is are was were be been being have has had
  having do does did doing a an the and but if or because as until while of at by for with about against between into through
  during before after above below to from up down in out on off over under again further then once here there when where why
  how all any both each few more most other some such no nor not only own same so than too very s t can will just don should
  now`.split(/\s+/),
);

const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;

export type Highlight = {
  /** Up to two passages, or the beginning where nothing is marked. */
  passage: string;
  isMarked: boolean;
};

/**
 * Marks the words of a search, written as in a web search, in texts: up to two passages each, the words between « and ». Words
 * are the same where their stems are, by Porter's stemmer. Only the beginning of a text is looked at, the shorter the more
 * texts there are: PostgreSQL's `ts_headline` takes minutes over a long text and many words, and nothing can stop it on the
 * embedded store.
 */
export function highlightsOf(asked: string, texts: readonly string[]): Highlight[] {
  const each = charactersOfEach(texts.length);
  const isAsked = matcherOf(asked);
  return texts.map((text) => highlightOf(text.slice(0, each), isAsked));
}

/**
 * The part of a search's text that ranks what has all of its words: `ts_rank_cd` takes the square of their number, a third of
 * a second for one long text and 80 words.
 */
export const rankingPartOf = (asked: string): string => asked.trim().split(/\s+/).slice(0, rankingWords).join(' ');
const rankingWords = 12;

/** How much of each of so many texts is looked at. */
export const charactersOfEach = (texts: number): number =>
  Math.min(mostEach, Math.max(leastEach, Math.floor(maxCharacters / Math.max(1, texts))));

/** Whether a word is one that a search asks for. */
function matcherOf(asked: string): (word: string) => boolean {
  const stems = new Set<string>();
  // `-word` and `-"a phrase"` are what must not be there.
  for (const [, minus, quoted, bare] of asked.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    if (minus) continue;
    for (const [word] of (quoted ?? bare ?? '').matchAll(wordPattern)) {
      const lower = word.toLowerCase();
      if (!passedOver.has(lower)) stems.add(stemmer(lower));
    }
  }
  // Stems keep the first letter: most words need no stemming.
  const heads = new Set([...stems].map((stem) => stem[0]));
  return (word) => {
    if (word.length > wordCharacters || !heads.has(word[0]?.toLowerCase())) return false;
    return stems.has(stemmer(word.toLowerCase()));
  };
}

type Words = { from: number[]; to: number[]; marked: number[] };

function highlightOf(text: string, isAsked: (word: string) => boolean): Highlight {
  const words: Words = { from: [], to: [], marked: [] };
  for (const found of text.matchAll(wordPattern)) {
    const [word] = found;
    if (isAsked(word)) words.marked.push(words.from.length);
    words.from.push(found.index);
    words.to.push(found.index + word.length);
  }
  const passages = densest(text, words).map((span) => passageOf(text, words, span));
  if (passages.length > 0) return { passage: passages.join(' … '), isMarked: true };
  const end = words.to[Math.min(passageWords, words.to.length) - 1] ?? text.length;
  return { passage: text.slice(0, Math.min(end, passageCharacters)).toWellFormed().trim(), isMarked: false };
}

type Span = { first: number; last: number; worth: number };

/** The spans of words, apart from each other, in which the most different words are marked, in the order of the text. */
function densest(text: string, { from, to, marked }: Words): Span[] {
  const wordAt = (at: number) => text.slice(from[at], to[at]).toLowerCase();
  const spans: Span[] = [];
  const inside = new Map<string, number>();
  let end = 0;
  for (const [place, first] of marked.entries()) {
    for (let next = marked[end]; next !== undefined && next - first < passageWords; next = marked[end]) {
      inside.set(wordAt(next), (inside.get(wordAt(next)) ?? 0) + 1);
      end += 1;
    }
    spans.push({ first, last: marked[end - 1] ?? first, worth: inside.size + (end - place) / 1_000 });
    const count = inside.get(wordAt(first)) ?? 0;
    if (count > 1) inside.set(wordAt(first), count - 1);
    else inside.delete(wordAt(first));
  }
  const chosen: Span[] = [];
  for (let round = 0; round < maxPassages; round += 1) {
    let best: Span | undefined;
    for (const span of spans) {
      const isApart = chosen.every(
        ({ first, last }) => span.first > last + passageWords || span.last < first - passageWords,
      );
      if (isApart && span.worth > (best?.worth ?? 0)) best = span;
    }
    if (best) chosen.push(best);
  }
  return chosen.sort((a, b) => a.first - b.first);
}

/** A span with words around it, as far as there is room. */
function passageOf(text: string, { from, to, marked }: Words, { first, last }: Span): string {
  const around = Math.floor((passageWords - (last - first + 1)) / 2);
  const startOf = (at: number) => from[at] ?? 0;
  let begin = first;
  while (begin > Math.max(0, first - around) && startOf(first) - startOf(begin - 1) <= passageCharacters / 4)
    begin -= 1;
  const isMarked = new Set(marked.filter((at) => at >= begin && at < begin + passageWords));
  let passage = '';
  for (let at = begin; at < begin + passageWords && at < from.length; at += 1) {
    const word = text.slice(from[at], to[at]);
    const gap = at === begin ? '' : text.slice(to[at - 1], from[at]);
    const next = gap + (isMarked.has(at) ? `«${word}»` : word);
    if (at > first && passage.length + next.length > passageCharacters) break;
    passage += next;
  }
  return passage.toWellFormed();
}
