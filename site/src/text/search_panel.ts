// The field to search in, and the hits by page.
import { fill, one } from "../dom";
import type { Page } from "../pages";
import type { PageText, TextFiles } from "./parts";
import { parse, type Phrase, type Range } from "./query";
import { makeStop, rove } from "./roving";
import { foundOn, marksOf, search, type FoldedPage, type Found, type Mark } from "./search";
import { snippet } from "./snippet";
import { bringIntoView } from "./text_panel";

/** Hits that are listed at first, and that each press of the button adds. */
const LISTED = 100;
/** Hits that are marked on one page. */
const MARKED = 2000;
const HIT = "a";

interface Hit {
  folded: FoldedPage;
  range: Range;
  /** The index of its page in the viewer. */
  page: number;
}

export interface SearchPanel {
  /** Searches; an empty question ends the search. */
  ask(question: string): void;
  question(): string;
  /** Goes to the next hit (1), or to the one before (-1), if there are hits. */
  step(by: 1 | -1): boolean;
  /** The hits on a page, and those of them that are the current one. */
  on(text: PageText): { marks: Mark[]; current: Mark[] };
  focus(): void;
}

export interface Searcher {
  pages: Page[];
  /** The index of the page that is shown. */
  current(): number;
  /** A new question was put. */
  asked(question: string): void;
  /** What is marked on a page is another thing now. */
  changed(): void;
  /** A hit was chosen: its page is to be shown, with the hit. */
  chosen(page: number): void;
  say(sentence: string): void;
}

export function createSearchPanel(panel: HTMLElement, files: TextFiles, searcher: Searcher): SearchPanel {
  const words = panel.dataset;
  const form = one<HTMLFormElement>(panel, "form");
  const field = one<HTMLInputElement>(panel, "input");
  const summary = one(panel, ".search-summary");
  const failure = one(panel, ".panel-failed");
  const list = one(panel, ".hits");
  const more = one<HTMLButtonElement>(panel, ".more");
  const indexes = new Map(searcher.pages.map(({ token }, index) => [token, index]));
  const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined);

  let phrases: Phrase[] = [];
  let question = "";
  let hits: Hit[] = [];
  let pagesWithHits = new Set<number>();
  let at = -1;
  let listed = 0;
  let links: HTMLAnchorElement[] = [];
  let running = new AbortController();

  rove(list, HIT);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() === question && question) return void step(1);
    ask(field.value);
    searcher.asked(question);
  });
  // The first text is there before the question is complete.
  field.addEventListener("focus", () => void Promise.all([files.count(), files.texts(1)]).catch(() => undefined));
  one(panel, "[data-action=previous-hit]").addEventListener("click", () => step(-1));
  one(panel, "[data-action=next-hit]").addEventListener("click", () => step(1));
  one(failure, "button").addEventListener("click", () => {
    field.focus();
    ask(question);
  });
  more.addEventListener("click", () => {
    const next = listed;
    listUpTo(listed + LISTED);
    links[next]?.focus();
  });

  function ask(text: string): void {
    running.abort();
    running = new AbortController();
    question = text.trim();
    field.value = question;
    phrases = parse(text);
    [hits, pagesWithHits, at, listed, links] = [[], new Set(), -1, 0, []];
    list.replaceChildren();
    more.hidden = failure.hidden = true;
    summary.textContent = phrases.length > 0 ? (words.searching ?? "") : "";
    showSteps();
    searcher.changed();
    if (phrases.length > 0) void run(running.signal);
  }

  async function run(signal: AbortSignal): Promise<void> {
    const failed = await search(files, phrases, add, signal).catch(() => undefined);
    if (signal.aborted) return;
    failure.hidden = failed?.length === 0;
    const complete = failure.hidden ? "" : ` ${one(failure, "p").textContent ?? ""}`;
    summary.textContent = counted();
    searcher.say(counted() + complete);
  }

  function add(found: Found[]): void {
    for (const { folded, ranges } of found) {
      const page = indexes.get(folded.page.page);
      if (page === undefined) continue;
      pagesWithHits.add(page);
      for (const range of ranges) hits.push({ folded, range, page });
    }
    if (found.length === 0) return;
    summary.textContent = `${counted()} …`;
    listUpTo(Math.max(LISTED, listed));
    showSteps();
  }

  function counted(): string {
    if (hits.length === 0) return words.noHits ?? "";
    const plural = (one: string | undefined, many: string | undefined, count: number) =>
      fill((count === 1 ? one : many) ?? "", { count: numbers.format(count) });
    const pages = plural(words.pagesOne, words.pagesMany, pagesWithHits.size);
    const all = `${plural(words.hitsOne, words.hitsMany, hits.length)} ${pages}`;
    return at < 0 ? all : `${all} · ${fill(words.hitNumber ?? "", { number: numbers.format(at + 1), count: numbers.format(hits.length) })}`;
  }

  function showSteps(): void {
    for (const button of form.querySelectorAll<HTMLElement>(".step")) button.hidden = hits.length === 0;
  }

  function listUpTo(count: number): void {
    const end = Math.min(count, hits.length);
    for (; listed < end; listed++) {
      const hit = hits[listed] as Hit;
      const link = hitLink(hit, listed);
      const group = hits[listed - 1]?.page === hit.page ? list.lastElementChild : null;
      const items = group ? one(group, "ol") : newGroup(hit.page);
      const item = document.createElement("li");
      item.append(link);
      items.append(item);
      links.push(link);
    }
    if (links[0] && !list.querySelector(`${HIT}[tabindex="0"]`)) makeStop(list, HIT, links[0]);
    more.hidden = listed >= hits.length;
  }

  function newGroup(page: number): HTMLElement {
    const group = document.createElement("li");
    const label = document.createElement("p");
    const items = document.createElement("ol");
    label.textContent = fill(words.page ?? "", { label: searcher.pages[page]?.label ?? "" });
    items.setAttribute("role", "list");
    group.append(label, items);
    list.append(group);
    return items;
  }

  function hitLink({ folded, range, page }: Hit, index: number): HTMLAnchorElement {
    const link = document.createElement("a");
    const { before, hit, after } = snippet(folded.page, marksOf(folded, range));
    const mark = document.createElement("mark");
    mark.textContent = hit;
    link.append(before, mark, after);
    link.lang = folded.page.language ?? "";
    link.dir = "auto";
    link.tabIndex = -1;
    link.href = `?${new URLSearchParams({ q: question })}#${searcher.pages[page]?.anchor ?? ""}`;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(index);
    });
    return link;
  }

  function step(by: 1 | -1): boolean {
    if (hits.length > 0) go(at < 0 ? nearest(by) : (at + by + hits.length) % hits.length);
    return hits.length > 0;
  }

  /** The first hit from the current page on, or the last one before it. */
  function nearest(by: 1 | -1): number {
    const next = hits.findIndex(({ page }) => page >= searcher.current());
    return by === 1 ? Math.max(next, 0) : (next > 0 ? next : hits.length) - 1;
  }

  function go(index: number): void {
    const hit = hits[index];
    if (!hit) return;
    links[at]?.removeAttribute("aria-current");
    at = index;
    listUpTo(Math.max(listed, index + 1));
    const link = links[index];
    if (link) {
      link.setAttribute("aria-current", "true");
      makeStop(list, HIT, link);
      bringIntoView(list, link);
    }
    searcher.chosen(hit.page);
    const label = searcher.pages[hit.page]?.label ?? "";
    summary.textContent = counted();
    searcher.say(fill(words.announceHit ?? "", { number: numbers.format(index + 1), count: numbers.format(hits.length), label }));
  }

  return {
    ask,
    question: () => question,
    step,
    on(text) {
      if (phrases.length === 0) return { marks: [], current: [] };
      const { folded, ranges } = foundOn(text, phrases);
      const hit = hits[at];
      return {
        marks: ranges.slice(0, MARKED).flatMap((range) => marksOf(folded, range)),
        current: hit?.folded.page === text ? marksOf(hit.folded, hit.range) : [],
      };
    },
    focus() {
      // Who writes already goes on.
      if (document.activeElement === field) return;
      field.focus();
      field.select();
    },
  };
}
