import { fill, one } from "./dom";
import { loadInfo } from "./info";
import { listenToKeys, type KeyAction } from "./keyboard";
import { readPages } from "./pages";
import { createStage } from "./stage";
import { createStrip } from "./strip";
import { createToolbar } from "./toolbar";

/** The viewer of one item: which page is shown, and everything that must know it. */
export function openItem(root: HTMLElement): void {
  const pages = readPages(root);
  if (pages.length === 0) return;
  const words = root.dataset;
  const status = one(root, "[role=status]");
  const stage = createStage(one(root, ".stage"), words.image ?? "");
  const markToolbar = createToolbar(root, pages, act, show);
  const markStrip = createStrip(one(root, ".pages"), pages, show);
  let current = addressed() ?? 0;
  if (addressed() !== undefined) scrollTo(0, 0);

  listenToKeys(root, words.direction === "right-to-left", act);
  addEventListener("hashchange", () => {
    const index = addressed();
    if (index !== undefined && index !== current) show(index);
  });
  present();

  function act(action: KeyAction): void {
    switch (action) {
      case "previous": return show(current - 1);
      case "next": return show(current + 1);
      case "first": return show(0);
      case "last": return show(pages.length - 1);
      case "zoom-in": return stage.zoomIn();
      case "zoom-out": return stage.zoomOut();
      case "fit": return stage.fit();
      case "rotate": return stage.rotate();
      case "full-screen": return toggleFullScreen(root);
    }
  }

  function show(index: number): void {
    const page = pages[index];
    if (!page || index === current) return;
    current = index;
    history.replaceState(history.state, "", `#${page.anchor}`);
    status.textContent = fill(words.announcePage ?? "", { label: page.label, number: index + 1, count: pages.length });
    present();
  }

  function present(): void {
    const page = pages[current];
    if (!page) return;
    markToolbar(current);
    markStrip(current);
    root.classList.remove("failed");
    stage.open(page).then(prefetch, () => {
      root.classList.add("failed");
      status.textContent = fill(words.imageFailed ?? "", { label: page.label });
    });
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
