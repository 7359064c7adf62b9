// The text of the page that is shown, line by line.
import { fill, one } from "../dom";
import type { PageText } from "./parts";
import { makeStop, rove } from "./roving";
import type { Mark } from "./search";

/** Lines of one page that are shown. What a page has beyond is in its file. */
export const MOST_LINES = 2000;
const LINE = ".line";
/** Languages usually written from right to left, and their scripts. The program has the same list. */
const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|khw|ks|ps|sd|syr|ug|ur|yi)(?!.*-(?!arab|hebr)[a-z]{4}\b)|-(arab|hebr)\b/i;

export interface TextPanel {
  wait(label: string): void;
  show(text: PageText): void;
  empty(): void;
  fail(): void;
  /** Marks hits; one of them is the current one and is brought into view. */
  mark(marks: Mark[], current: Mark[]): void;
  /** Lights up a line; `follow` also brings it into view. */
  light(line: number | undefined, follow: boolean): void;
  focus(): void;
}

/** `pointed` is called for the line that has the pointer or the focus (`chosen`), and without when none has. */
export function createTextPanel(
  panel: HTMLElement,
  pointed: (line: number | undefined, chosen: boolean) => void,
  retry: () => void,
): TextPanel {
  const title = one(panel, ".panel-title");
  const body = one(panel, ".panel-text");
  const machine = one(panel, ".machine");
  const cut = one(panel, ".cut");
  const nothing = one(panel, ".panel-empty");
  const failure = one(panel, ".panel-failed");
  const selection = one(panel, "[data-action=select-text]");
  let lines: HTMLElement[] = [];
  let shown: PageText | undefined;
  let marked: number[] = [];
  let lit: HTMLElement | undefined;

  rove(body, LINE);
  const lineOf = (target: EventTarget | null) => {
    const line = (target as Element | null)?.closest?.<HTMLElement>(LINE);
    return line ? lines.indexOf(line) : undefined;
  };
  body.addEventListener("pointerover", (event) => pointed(lineOf(event.target), false));
  body.addEventListener("pointerleave", () => pointed(lineOf(document.activeElement), false));
  body.addEventListener("focusin", (event) => pointed(lineOf(event.target), true));
  body.addEventListener("focusout", () => pointed(undefined, false));
  one(failure, "button").addEventListener("click", retry);

  const become = (state: "waiting" | "shown" | "empty" | "failed") => {
    const hadFocus = body.contains(document.activeElement) || failure.contains(document.activeElement);
    body.replaceChildren();
    [lines, marked, lit, shown] = [[], [], undefined, undefined];
    body.setAttribute("aria-busy", String(state === "waiting"));
    machine.hidden = cut.hidden = true;
    nothing.hidden = state !== "empty";
    selection.hidden = state === "empty";
    failure.hidden = state !== "failed";
    if (hadFocus) panel.focus({ preventScroll: true });
  };
  return {
    wait(label) {
      title.textContent = fill(panel.dataset.title ?? "", { label });
      become("waiting");
    },
    empty: () => become("empty"),
    fail: () => become("failed"),
    show(text) {
      become("shown");
      shown = text;
      machine.hidden = !text.machine;
      cut.hidden = text.lines.length <= MOST_LINES;
      setLanguage(body, text.language);
      lines = text.lines.slice(0, MOST_LINES).map((line, index) => lineElement(line, text.languages?.[index]));
      body.append(...paragraphs(lines, text));
      panel.scrollTop = 0;
      if (lines[0]) makeStop(body, LINE, lines[0]);
      if (document.activeElement === panel) lines[0]?.focus({ preventScroll: true });
    },
    mark(marks, current) {
      for (const line of marked) lines[line]?.replaceChildren(shown?.lines[line] ?? "");
      const byLine = new Map<number, Mark[]>();
      for (const mark of marks) {
        const its = byLine.get(mark.line);
        if (its) its.push(mark);
        else if (lines[mark.line]) byLine.set(mark.line, [mark]);
      }
      for (const [line, its] of byLine) lines[line]?.replaceChildren(...pieces(shown?.lines[line] ?? "", its, current));
      marked = [...byLine.keys()];
      const first = current[0] && lines[current[0].line];
      if (first) bringIntoView(panel, first);
    },
    light(line, follow) {
      lit?.classList.remove("lit");
      lit = line === undefined ? undefined : lines[line];
      lit?.classList.add("lit");
      if (lit && follow) bringIntoView(panel, lit);
    },
    focus: () => (lines[0] ?? panel).focus({ preventScroll: true }),
  };
}

function lineElement(text: string, language: string | undefined): HTMLElement {
  const element = document.createElement("span");
  element.className = "line";
  element.tabIndex = -1;
  element.textContent = text;
  if (language) setLanguage(element, language);
  return element;
}

/** A known language decides the direction; a text of unknown language decides it itself, paragraph by paragraph. */
function setLanguage(element: HTMLElement, language: string | undefined): void {
  element.lang = language ?? "";
  element.dir = language ? (RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr") : "";
}

function paragraphs(lines: HTMLElement[], { blocks = [], language }: PageText): HTMLElement[] {
  const starts = [...new Set([0, ...blocks])].filter((start) => start < lines.length).sort((a, b) => a - b);
  return starts.map((start, index) => {
    const paragraph = document.createElement("p");
    if (!language) paragraph.dir = "auto";
    paragraph.append(...lines.slice(start, starts[index + 1]));
    return paragraph;
  });
}

/** The text of a line with its marks as elements. */
export function pieces(text: string, marks: Mark[], current: Mark[] = []): (string | HTMLElement)[] {
  const result: (string | HTMLElement)[] = [];
  let at = 0;
  for (const mark of marks) {
    const element = document.createElement("mark");
    element.textContent = text.slice(mark.from, mark.to);
    const isCurrent = current.some(({ line, from }) => line === mark.line && from === mark.from);
    if (isCurrent) element.className = "current";
    result.push(text.slice(at, mark.from), element);
    at = mark.to;
  }
  return [...result, text.slice(at)];
}

// Not scrollIntoView: that would scroll the whole page too.
export function bringIntoView(scroller: HTMLElement, child: HTMLElement): void {
  const frame = scroller.getBoundingClientRect();
  const box = child.getBoundingClientRect();
  if (box.top < frame.top || box.bottom > frame.bottom) {
    scroller.scrollBy({ top: box.top + box.height / 2 - frame.top - frame.height / 2 });
  }
}
