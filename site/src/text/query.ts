// What a reader asks for, and where it stands in a text that is folded as the question is.
import { fold } from "./fold";

/** Words that follow each other. */
export interface Phrase {
  words: string[];
  /** Whether the last word may go on. */
  open: boolean;
}

/** From and to, in the folded text: whole words. */
export type Range = [number, number];

const LONGEST = 200;
const WORDS = /[\p{L}\p{M}\p{N}]+/gu;
const IN_WORD = /^[\p{L}\p{M}\p{N}]/u;
const REST = /[\p{L}\p{M}\p{N}]*/uy;
const GAP = /[^\p{L}\p{M}\p{N}]+/uy;
/** Scripts that put no space between words: there a word may begin anywhere. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;
const QUOTES = /["“”„«»]/;

/**
 * The phrases of a question: what stands in quotes, and each word outside them. A word that its punctuation divides,
 * such as l'homme, is a phrase too. The last word may be unfinished, unless a space or a quote follows it.
 */
export function parse(question: string): Phrase[] {
  const phrases: Phrase[] = [];
  question.slice(0, LONGEST).split(QUOTES).forEach((part, index) => {
    const texts = index % 2 === 1 ? [part] : part.split(/\s+/);
    for (const text of texts) {
      const words = fold(text).match(WORDS);
      if (words) phrases.push({ words, open: false });
    }
  });
  const last = phrases[phrases.length - 1];
  if (last) last.open = IN_WORD.test(lastCharacter(fold(question.slice(0, LONGEST))));
  return phrases;
}

/** Where the phrases stand in `text`, in order; nothing unless all of them do. */
export function find(text: string, phrases: Phrase[]): Range[] {
  const found: Range[] = [];
  for (const phrase of phrases) {
    const before = found.length;
    occurrences(text, phrase, found);
    if (found.length === before) return [];
  }
  return phrases.length < 2 ? found : merged(found);
}

function occurrences(text: string, { words, open }: Phrase, found: Range[]): void {
  const first = words[0] ?? "";
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    if (isInsideWord(text, at)) continue;
    const end = endOfPhrase(text, at, words, open);
    if (end === undefined) continue;
    found.push([at, end]);
    at = end - 1;
  }
}

function endOfPhrase(text: string, start: number, words: string[], open: boolean): number | undefined {
  let at = start;
  for (const [index, word] of words.entries()) {
    if (index > 0) {
      GAP.lastIndex = at;
      if (!GAP.test(text)) return undefined;
      at = GAP.lastIndex;
    }
    if (!text.startsWith(word, at)) return undefined;
    at += word.length;
    if (!isInsideWord(text, at)) continue;
    if (!open || index < words.length - 1) return undefined;
    REST.lastIndex = at;
    REST.test(text);
    at = REST.lastIndex;
  }
  return at;
}

/** Whether the characters on both sides of `at` belong to one word. */
function isInsideWord(text: string, at: number): boolean {
  const before = lastCharacter(text.slice(Math.max(0, at - 2), at));
  const after = text.slice(at, at + 2);
  return IN_WORD.test(before) && IN_WORD.test(after) && !UNSPACED.test(before) && !UNSPACED.test(after);
}

function lastCharacter(text: string): string {
  return /[\uDC00-\uDFFF]$/.test(text) ? text.slice(-2) : text.slice(-1);
}

/** In order, and those that overlap as one. */
function merged(ranges: Range[]): Range[] {
  const result: Range[] = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
