// Search in all parts of an item's text: as they come, and in the order of the pages.
import { fold, origins, withoutHyphen } from "./fold";
import type { PageText, TextFiles } from "./parts";
import { find, type Phrase, type Range } from "./query";

/** A stretch of a line, in UTF-16 units. */
export interface Mark {
  line: number;
  from: number;
  to: number;
}

/** The hits on one page, or on the stretch of it that one part holds. */
export interface Found {
  folded: FoldedPage;
  ranges: Range[];
}

/** The text of a page as it is searched: lines as one text, with divided words joined. */
export interface FoldedPage {
  page: PageText;
  text: string;
  /** Where each line begins in `text`. */
  starts: number[];
}

/** Parts that are under way at the same time. */
const PARALLEL = 6;
const folded = new WeakMap<PageText, FoldedPage>();

/**
 * Searches all parts. `add` gets the pages with hits, in order; the result names the parts that could not be loaded.
 * The first part comes alone: it would share the line with all others, and the first hits would come with the last.
 */
export async function search(
  files: TextFiles,
  phrases: Phrase[],
  add: (found: Found[]) => void,
  signal: AbortSignal,
): Promise<number[]> {
  const results = new Map<number, Found[]>();
  const failed: number[] = [];
  let due = 1;
  const settle = async (part: number) => {
    const pages = await files.texts(part).catch(() => undefined);
    if (signal.aborted) return;
    if (!pages) failed.push(part);
    results.set(part, (pages ?? []).map((page) => foundOn(page, phrases)).filter(({ ranges }) => ranges.length > 0));
    for (let ready = results.get(due); ready; ready = results.get(++due)) add(ready);
  };

  const [count] = await Promise.all([files.count(), settle(1)]);
  let next = 2;
  const work = async () => {
    while (next <= count && !signal.aborted) await settle(next++);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return failed.sort((a, b) => a - b);
}

export function foundOn(page: PageText, phrases: Phrase[]): Found {
  let known = folded.get(page);
  if (!known) folded.set(page, (known = foldPage(page)));
  return { folded: known, ranges: find(known.text, phrases) };
}

function foldPage(page: PageText): FoldedPage {
  const divided = new Set(page.divided);
  const starts: number[] = [];
  const texts: string[] = [];
  let length = 0;
  page.lines.forEach((line, index) => {
    const text = divided.has(index) ? fold(withoutHyphen(line)) : `${fold(line)}\n`;
    starts.push(length);
    texts.push(text);
    length += text.length;
  });
  return { page, text: texts.join(""), starts };
}

/** A hit as stretches of lines: one, or more where it goes over the end of a line. */
export function marksOf({ page, text, starts }: FoldedPage, [from, to]: Range): Mark[] {
  const marks: Mark[] = [];
  for (let line = lineOf(starts, from); line < starts.length && (starts[line] ?? 0) < to; line++) {
    const start = starts[line] ?? 0;
    const end = starts[line + 1] ?? text.length;
    const places = originsOf(page, line);
    const last = places.length - 1;
    const begin = places[Math.min(Math.max(from - start, 0), last)] ?? 0;
    // What goes over the end of a line is marked up to its end, with the hyphen of a divided word.
    const stop = places[to >= end ? last : Math.min(to - start, last)] ?? 0;
    if (stop > begin) marks.push({ line, from: begin, to: stop });
  }
  return marks;
}

function lineOf(starts: number[], at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

const known = new WeakMap<PageText, Map<number, number[]>>();

function originsOf(page: PageText, line: number): number[] {
  let lines = known.get(page);
  if (!lines) known.set(page, (lines = new Map()));
  let places = lines.get(line);
  if (!places) lines.set(line, (places = origins(page.lines[line] ?? "")));
  return places;
}
