import { fill, one } from "./dom";
import { loadInfo } from "./info";
import { listenToKeys, type KeyAction } from "./keyboard";
import { readPages } from "./pages";
import { createStage } from "./stage";
import { createStrip } from "./strip";
import { createDoor } from "./text/door";
import { createToolbar } from "./toolbar";

/** Whether a page gets an entry in the history: one that a reader has jumped to, not one turned to. */
type Move = "turn" | "jump";

/** The viewer of one item: which page is shown, and everything that must know it. */
export function openItem(root: HTMLElement): void {
  const pages = readPages(root);
  if (pages.length === 0) return;
  const words = root.dataset;
  const status = one(root, "[role=status]");
  const say = (sentence: string) => void (status.textContent = sentence);
  const stage = createStage(one(root, ".stage"), words.image ?? "", (at) => text.point(at));
  const jump = (index: number) => show(index, "jump");
  const markToolbar = createToolbar(root, pages, act, jump);
  const markStrip = createStrip(one(root, ".pages"), pages, jump);
  let current = addressed() ?? 0;
  let drawn: Promise<unknown> = Promise.resolve();
  const text = createDoor({ root, pages, stage, current: () => current, show, say }, () => drawn);
  if (addressed() !== undefined) scrollTo(0, 0);

  listenToKeys(root, words.direction === "right-to-left", act);
  addEventListener("hashchange", follow);
  addEventListener("popstate", () => {
    follow();
    text.follow();
  });
  present();
  text.follow();

  /** Does what a button or key stands for; answers whether it stands for something here. */
  function act(action: KeyAction): boolean {
    switch (action) {
      case "previous": show(current - 1); break;
      case "next": show(current + 1); break;
      case "first": show(0); break;
      case "last": show(pages.length - 1); break;
      case "zoom-in": stage.zoomIn(); break;
      case "zoom-out": stage.zoomOut(); break;
      case "fit": stage.fit(); break;
      case "rotate": stage.rotate(); break;
      case "full-screen": toggleFullScreen(root); break;
      default: return text.act(action);
    }
    return true;
  }

  function show(index: number, move: Move = "turn"): void {
    const page = pages[index];
    if (!page || index === current) return;
    history[move === "jump" ? "pushState" : "replaceState"](null, "", `#${page.anchor}`);
    turnTo(index);
  }

  function turnTo(index: number): void {
    current = index;
    say(fill(words.announcePage ?? "", { label: pages[index]?.label ?? "", number: index + 1, count: pages.length }));
    present();
  }

  /** Turns to the page of the address: the first one, if it names none. */
  function follow(): void {
    const index = location.hash ? addressed() : 0;
    if (index !== undefined && index !== current) turnTo(index);
  }

  function present(): void {
    const page = pages[current];
    if (!page) return;
    markToolbar(current);
    markStrip(current);
    root.classList.remove("failed");
    drawn = stage.open(page).then(prefetch, () => {
      root.classList.add("failed");
      say(fill(words.imageFailed ?? "", { label: page.label }));
    });
    text.turned(drawn);
  }

  function prefetch(): void {
    const next = pages[current + 1];
    if (next) loadInfo(next.info).catch(() => undefined);
  }

  function addressed(): number | undefined {
    const index = pages.findIndex((page) => new URL(`#${page.anchor}`, location.href).hash === location.hash);
    return index < 0 ? undefined : index;
  }
}

function toggleFullScreen(root: HTMLElement): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  change.catch(() => undefined);
}
