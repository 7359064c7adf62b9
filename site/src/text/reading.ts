// Text beside and over the image, and search in it. Loaded when a reader wants it.
import { one } from "../dom";
import type { Page } from "../pages";
import type { Stage } from "../stage";
import { unpack } from "./boxes";
import { createOverlay } from "./overlay";
import { textFiles, type PageText } from "./parts";
import { createSearchPanel } from "./search_panel";
import { createTextPanel } from "./text_panel";

export type Pane = "text" | "search";

/** What the viewer offers to the text. */
export interface Host {
  root: HTMLElement;
  pages: Page[];
  stage: Stage;
  current(): number;
  show(index: number): void;
  say(sentence: string): void;
  /** Puts a question in the address, as a new entry of the history or in place of the last. */
  address(question: string, how: "push" | "replace"): void;
  /** A pane was opened, or all were closed. */
  opened(pane: Pane | undefined): void;
}

export interface Reading {
  /** Another page is shown; `drawn` settles when it is on the stage. */
  turned(drawn: Promise<unknown>): void;
  /** Opens a pane and gives it the focus, or closes what is open. */
  open(pane: Pane | undefined, focus: boolean): void;
  /** The question of the address. */
  ask(question: string): void;
  question(): string;
  /** Goes to the next hit (1), or to the one before (-1), if there are hits. */
  step(by: 1 | -1): boolean;
  /** A place of the page has the pointer. */
  point(at: { x: number; y: number } | undefined): void;
}

export function createReading(host: Host): Reading {
  const { root, pages, stage } = host;
  const files = textFiles(new URL(root.dataset.textHref ?? "", location.href).href);
  const panels = { text: one(root, "#reader-text"), search: one(root, "#reader-search") };
  const overlay = createOverlay(stage);
  const textPanel = createTextPanel(panels.text, (line, chosen) => light(line, "text", chosen), () => void present());
  const searchPanel = createSearchPanel(panels.search, files, {
    pages,
    current: host.current,
    asked: (question) => host.address(question, "push"),
    changed: mark,
    chosen(page) {
      if (page === host.current()) mark();
      else host.show(page);
    },
    say: host.say,
  });
  const select = one(panels.text, "[data-action=select-text]");
  let pane: Pane | undefined;
  let text: PageText | undefined;
  let turn = 0;
  let drawn: Promise<unknown> = Promise.resolve();

  select.addEventListener("click", () => {
    const on = select.getAttribute("aria-pressed") !== "true";
    select.setAttribute("aria-pressed", String(on));
    overlay.select(on);
  });

  /** Brings text, boxes and hits of the current page to their places, as each of them comes. */
  async function present(): Promise<void> {
    const mine = ++turn;
    const { token, part, label } = pages[host.current()] as Page;
    text = undefined;
    overlay.clear();
    if (!pane) return;
    textPanel.wait(label);
    if (!part) return textPanel.empty();
    const [texts, boxes] = [files.texts(part), files.boxes(part)];
    boxes.catch(() => undefined);
    const found = await texts.then((all) => all.find(({ page }) => page === token) ?? null, () => undefined);
    if (mine !== turn) return;
    if (found === undefined) return textPanel.fail();
    if (found === null) return textPanel.empty();
    text = found;
    textPanel.show(text);
    mark();
    prefetch();

    const [placed] = await Promise.all([boxes, drawn]).catch(() => []);
    const its = placed?.find(({ page }) => page === token);
    if (mine !== turn || !its) return;
    overlay.lay(its, unpack(its.lines, found.lines), found);
    mark();
  }

  function prefetch(): void {
    const next = pages[host.current() + 1]?.part;
    if (next) files.texts(next).catch(() => undefined);
  }

  function mark(): void {
    if (!text) return;
    const { marks, current } = searchPanel.on(text);
    textPanel.mark(marks, current);
    overlay.mark(marks, current);
  }

  /** Lights up a line in both places: it follows where the reader is not. */
  function light(line: number | undefined, from: "text" | "image", chosen: boolean): void {
    textPanel.light(line, from === "image");
    overlay.light(line, from === "text" && chosen);
  }

  return {
    turned(next) {
      drawn = next;
      void present();
    },
    open(next, focus) {
      const left = pane;
      pane = next;
      for (const [name, panel] of Object.entries(panels)) panel.hidden = name !== pane;
      if (!pane && searchPanel.question()) {
        searchPanel.ask("");
        host.address("", "replace");
      }
      if (!left !== !pane) void present();
      host.opened(pane);
      if (!focus) return;
      // On a phone a pane opens below what is seen.
      root.scrollIntoView({ block: "nearest" });
      if (pane === "text") textPanel.focus();
      else if (pane === "search") searchPanel.focus();
      else if (left) one(root, `[data-action=${left}]`).focus();
    },
    ask: searchPanel.ask,
    question: searchPanel.question,
    step: searchPanel.step,
    point: (at) => light(at && overlay.lineAt(at.x, at.y), "image", false),
  };
}
