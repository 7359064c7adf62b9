// The way to what only some readers need: its script is asked for when one wants it, or a page has more to show.
import type { Action } from "./keyboard";
import type { Page } from "./pages";
import { remember, remembered } from "./session";
import type { Host, Views } from "./views/views";

/** The address of the script beside this one; the bundler writes it. */
declare const VIEWS: string;

export interface ViewsDoor {
  /** Opens the view that the reader had, or `scrolls` if that is how the item is meant to be seen. */
  start(scrolls: boolean): void;
  turned(drawn: Promise<unknown>): void;
  /** Does what a button or key stands for; answers whether it stands for something here. */
  act(action: Action): boolean;
}

export function createViewsDoor(need: Omit<Host, "remember">): ViewsDoor {
  let views: Views | undefined;
  let loading: Promise<Views> | undefined;
  let drawn: Promise<unknown> = Promise.resolve();
  const hasMore = () => (need.pages[need.current()] as Page).more !== undefined;

  const use = (act: (views: Views) => void) => {
    loading ??= import(VIEWS).then(({ createViews }) => (views = (createViews as (host: Host) => Views)({ ...need, remember })));
    loading.then(act, () => (loading = undefined));
  };
  return {
    start(scrolls) {
      const wanted = remembered("scroll") ?? (scrolls ? "1" : "");
      if (wanted && need.pages.length > 1) use((views) => views.act("scroll"));
    },
    turned(next) {
      drawn = next;
      // After the image: it is what the reader came for.
      if (views) views.turned(drawn);
      else if (hasMore()) void drawn.then(() => use((views) => views.turned(drawn)));
    },
    act(action) {
      switch (action) {
        case "grid":
        case "scroll":
          if (need.pages.length < 2) return false;
          use((views) => views.act(action));
          return true;
        default: return views?.act(action) ?? false;
      }
    },
  };
}
