// What of an item is shown, for everything beside the viewer that must know it.
import type { Page } from "./pages";
import type { View } from "./place";

/** The viewer tells it by the event `iiif:page` on its element. */
export interface Shown {
  root: HTMLElement;
  /** All pages of the item. */
  all: Page[];
  /** The pages on the stage, in reading order. */
  pages(): Page[];
  /** The one of them that the address is of. */
  current(): Page;
  /** Whether the reader has gone to a page, so that it is the page that is meant and not the item. */
  isChosen(): boolean;
  view(): View;
}

export const TURNED = "iiif:page";
