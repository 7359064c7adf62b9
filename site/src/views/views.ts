// What only some readers need: all pages at once, pages to scroll through, layers, and what is known about one page.
import { one } from "../dom";
import type { Action } from "../keyboard";
import type { Page } from "../pages";
import type { Stage } from "../stage";
import { createGrid } from "./grid";
import { createLayers } from "./layers";
import { createMore } from "./more";
import { createNotes } from "./notes";
import { createScroll } from "./scroll";

/** What the viewer offers. */
export interface Host {
  root: HTMLElement;
  pages: Page[];
  stage: Stage;
  /** Names of parts by the index of their first page. */
  sections: Map<number, string>;
  current(): number;
  show(index: number, move?: "turn" | "jump"): void;
  say(sentence: string): void;
  press(action: Action, pressed: boolean): void;
  remember(name: string, value: string): void;
}

export interface Views {
  /** Another page is shown; `drawn` settles when it is on the stage. */
  turned(drawn: Promise<unknown>): void;
  act(action: Action): boolean;
}

export function createViews(host: Host): Views {
  const more = createMore();
  const scroll = createScroll(host);
  const grid = createGrid(host);
  const layers = createLayers(host);
  const notes = createNotes(host);
  const bar = one(host.root, ".stage-bar");
  let turn = 0;

  return {
    turned(drawn) {
      const mine = ++turn;
      scroll.turned();
      grid.turned();
      const page = host.pages[host.current()] as Page;
      layers.clear();
      notes.clear();
      bar.hidden = true;
      void Promise.all([more(page), drawn]).then(([figure]) => {
        if (mine !== turn) return;
        const [hasLayers, hasNotes] = [layers.show(figure), notes.show(page, figure)];
        bar.hidden = !hasLayers && !hasNotes;
      });
    },
    act(action) {
      switch (action) {
        case "grid": grid.toggle(); return true;
        case "scroll": scroll.toggle(); return true;
        case "close": return grid.close();
        case "notes": return notes.toggle();
        case "previous-layer": return layers.step(-1);
        case "next-layer": return layers.step(1);
        default: return false;
      }
    },
  };
}
