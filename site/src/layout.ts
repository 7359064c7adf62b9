// Whether a book is shown page by page or in openings.
import { one } from "./dom";
import { openings } from "./openings";
import type { Page } from "./pages";
import { remember, remembered } from "./session";

/** How much wider than high a stage must be for two pages. */
const WIDE = 1.2;

export interface Layout {
  /** The pages that are shown together with this one, in reading order; none if there is no such page. */
  opening(index: number): number[];
  isDouble(): boolean;
  toggle(): void;
}

/** `changed` is called when a reader, or the size of the window, changes it. */
export function createLayout(root: HTMLElement, pages: Page[], changed: (isDouble: boolean) => void): Layout {
  const stage = one(root, ".stage");
  const found = openings(pages);
  const openingOf = new Map(found.flatMap((opening) => opening.map((index) => [index, opening] as const)));
  const hasRoom = matchMedia("(min-width: 48rem)");
  const isWanted = () => remembered("double") ?? (root.dataset.paged === undefined ? "" : "1");
  const decide = () => {
    if (pages.length < 2 || !isWanted()) return false;
    return hasRoom.matches && stage.clientWidth > WIDE * stage.clientHeight;
  };
  let isDouble = decide();
  const update = () => {
    const now = decide();
    if (now === isDouble || stage.clientWidth === 0) return;
    isDouble = now;
    changed(isDouble);
  };
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(update, 150);
  });
  return {
    opening: (index) => (!pages[index] ? [] : isDouble ? (openingOf.get(index) ?? [index]) : [index]),
    isDouble: () => isDouble,
    toggle() {
      remember("double", isDouble ? "" : "1");
      // Who asks for two pages gets them, also where the stage is narrow.
      isDouble = !isDouble;
      changed(isDouble);
    },
  };
}
