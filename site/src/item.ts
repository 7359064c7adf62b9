import { createContents, namesOtherPlace } from "./contents";
import { fill, one } from "./dom";
import { loadInfo } from "./info";
import { listenToKeys, type Action } from "./keyboard";
import { createLayout } from "./layout";
import { addressed, atLeast, readPages, shapeOf, type Page } from "./pages";
import { readPlace, viewOf } from "./place";
import { remember, remembered } from "./session";
import { TURNED, type Shown } from "./shown";
import { createStage } from "./stage";
import { createStrip } from "./strip";
import { createDoor } from "./text/door";
import { createToolbar } from "./toolbar";
import { listenToSwipes } from "./touch";
import { createViewPanel } from "./view_panel";
import { createViewsDoor } from "./views_door";

/** Milliseconds after a page is open in which its own tiles have the line for themselves. */
const PREFETCH_AFTER = 300;

/** Whether a page gets an entry in the history: one that a reader has jumped to, not one turned to. */
export type Move = "turn" | "jump";

/** The viewer of one item: which page is shown, and everything that must know it. */
export function openItem(root: HTMLElement): Shown | undefined {
  const pages = readPages();
  if (pages.length === 0) return undefined;
  const words = root.dataset;
  const title = document.title;
  const rightToLeft = words.direction === "right-to-left";
  const start = Math.max(0, pages.findIndex(({ anchor }) => anchor === words.start));
  const status = one(root, "[role=status]");
  const say = (sentence: string) => void (status.textContent = sentence);
  const jump = (index: number) => show(index, "jump");
  const stage = createStage(one(root, ".stage"), (at) => text.point(at));
  const markToolbar = createToolbar(root, pages, act, jump);
  const contents = createContents(pages, (index) => {
    jump(index);
    root.scrollIntoView({ block: "start" });
    stage.focus();
  });
  const strip = createStrip(root, pages, contents.sections, jump);
  const panel = createViewPanel(root);
  let current = addressed(pages) ?? start;
  let shown: number[] = [];
  let waiting = 0;
  let drawn: Promise<unknown> = Promise.resolve();
  const layout = createLayout(root, pages, (isDouble) => {
    panel.press("double", isDouble);
    if (shown.length > 0) present();
  });
  const text = createDoor({ root, pages, stage, current: () => current, show, say }, () => drawn);
  const views = createViewsDoor({ root, pages, stage, sections: contents.sections, current: () => current, show, say, press: panel.press });

  if (addressed(pages) !== undefined) scrollTo(0, 0);
  showStrip(remembered("strip") !== "");
  listenToKeys(root, rightToLeft, act);
  listenToSwipes(one(root, ".stage"), stage, (side) => {
    slide(one(root, ".stage"), side);
    step((side === "left") === rightToLeft ? 1 : -1);
  });
  addEventListener("hashchange", follow);
  addEventListener("popstate", () => {
    follow();
    text.follow();
  });
  panel.press("double", layout.isDouble());
  present();
  look();
  text.follow();
  views.start(words.continuous !== undefined);
  return {
    root,
    all: pages,
    pages: () => shown.flatMap((index) => pages[index] ?? []),
    current: () => pages[current] as Page,
    isChosen: () => addressed(pages) !== undefined,
    view: () => stage.view(),
  };

  /** Does what a button or key stands for; answers whether it stands for something here. */
  function act(action: Action): boolean {
    switch (action) {
      case "previous": step(-1); break;
      case "next": step(1); break;
      case "first": jump(0); break;
      case "last": jump(pages.length - 1); break;
      case "zoom-in": stage.zoomIn(); break;
      case "zoom-out": stage.zoomOut(); break;
      case "fit": stage.fit(); break;
      case "rotate": sayRotation(stage.rotate(90)); break;
      case "rotate-left": sayRotation(stage.rotate(-90)); break;
      case "full-screen": toggleFullScreen(root); break;
      case "double": if (pages.length > 1) layout.toggle(); break;
      case "strip": showStrip(root.classList.contains("without-strip")); break;
      default: return panel.act(action) || views.act(action) || text.act(action);
    }
    return true;
  }

  function step(by: 1 | -1): void {
    const [first = 0, last = first] = shown;
    const next = by === 1 ? last + 1 : layout.opening(first - 1)[0];
    if (next !== undefined) show(next);
  }

  function show(index: number, move: Move = "turn"): void {
    const page = pages[index];
    if (!page || index === current) return;
    history[move === "jump" ? "pushState" : "replaceState"](null, "", `#${page.anchor}`);
    turnTo(index);
  }

  function turnTo(index: number): void {
    current = index;
    present();
    say(sentence(shown.length > 1 ? words.announcePages : words.announcePage));
  }

  /** Turns to the page of the address: the one to begin with, if it names none. */
  function follow(): void {
    if (namesOtherPlace(pages)) return;
    const index = addressed(pages) ?? start;
    if (index !== current) turnTo(index);
    look();
  }

  /** Shows the part of the page that the address names, if it names one. */
  function look(): void {
    const size = pages[current]?.scan?.size;
    const view = size && viewOf(readPlace(location.hash), size);
    if (view) void drawn.then(() => stage.look(view));
  }

  function present(): void {
    const page = pages[current] as Page;
    const opening = layout.opening(current);
    const isOpen = opening.join() === shown.join();
    shown = opening;
    markToolbar(shown, current);
    strip.mark(shown, current);
    contents.mark(current);
    if (pages.length > 1) document.title = `${fill(words.titlePage ?? "", { label: shownLabels() })} · ${title}`;
    root.classList.remove("failed");
    const sheets = (rightToLeft ? [...shown].reverse() : shown).map((index) => ({ page: pages[index] as Page, size: shapeOf(pages, index) }));
    const place = sheets.findIndex((sheet) => sheet.page === page);
    if (isOpen) stage.choose(place);
    else drawn = stage.open(sheets, place, sentence(page.scan ? words.image : words.imageGap)).then(prefetchSoon, fail);
    text.turned(drawn);
    views.turned(drawn);
    root.dispatchEvent(new Event(TURNED));
  }

  function fail(): void {
    root.classList.add("failed");
    say(sentence(words.imageFailed));
  }

  function prefetchSoon(): void {
    clearTimeout(waiting);
    waiting = window.setTimeout(prefetch, PREFETCH_AFTER);
  }

  function prefetch(): void {
    for (const index of layout.opening((shown[shown.length - 1] ?? 0) + 1)) {
      const scan = pages[index]?.scan;
      if (!scan) continue;
      loadInfo(scan.info).catch(() => undefined);
      // The first that OpenSeadragon draws of it.
      new Image().src = atLeast(scan, 0);
    }
  }

  function shownLabels(): string {
    return shown.map((index) => pages[index]?.label ?? "").join("–");
  }

  function sentence(pattern: string | undefined): string {
    return fill(pattern ?? "", { label: shownLabels(), number: shown.map((index) => index + 1).join("–"), count: pages.length });
  }

  function sayRotation(degrees: number): void {
    say(fill(words.announceRotation ?? "", { degrees }));
  }

  function showStrip(visible: boolean): void {
    root.classList.toggle("without-strip", !visible);
    panel.press("strip", visible);
    remember("strip", visible ? "1" : "");
  }
}

/** The new page comes from a side. The style sheet leaves it out for those who want less motion. */
function slide(stage: HTMLElement, side: "left" | "right"): void {
  stage.classList.remove("from-left", "from-right");
  // The animation begins anew only after a layout without it.
  void stage.offsetWidth;
  stage.classList.add(`from-${side}`);
}

function toggleFullScreen(root: HTMLElement): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  change.catch(() => undefined);
}
