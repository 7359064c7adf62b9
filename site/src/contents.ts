// The table of contents: where each page stands in it.
import { addressed, type Page } from "./pages";

export interface Contents {
  /** The name of the part that begins at each page, by index: that of the outermost parts. */
  sections: Map<number, string>;
  /** Marks the entry in which the page is. */
  mark(current: number): void;
}

/** `choose` is called for the page of an entry that a reader follows. */
export function createContents(pages: Page[], choose: (index: number) => void): Contents {
  const list = document.querySelector<HTMLElement>(".contents > ol");
  const indexes = new Map(pages.map(({ anchor }, index) => [`#${anchor}`, index]));
  const links = Array.from(list?.querySelectorAll<HTMLAnchorElement>("a[href^='#']") ?? []);
  const entries = links.map((link) => ({ link, index: indexes.get(link.getAttribute("href") ?? "") ?? -1 }));
  let marked: HTMLElement | undefined;

  list?.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a");
    const index = link && indexes.get(link.getAttribute("href") ?? "");
    if (index === undefined || index === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(index);
  });
  return {
    sections: new Map(outermost(list).flatMap((link) => {
      const index = indexes.get(link.getAttribute("href") ?? "");
      return index === undefined ? [] : [[index, link.textContent?.trim() ?? ""] as const];
    })),
    mark(current) {
      marked?.removeAttribute("aria-current");
      marked = undefined;
      let best = -1;
      for (const { link, index } of entries) {
        // Of several that begin here, the innermost.
        if (index <= current && index >= best && index >= 0) [marked, best] = [link, index];
      }
      marked?.setAttribute("aria-current", "location");
    },
  };
}

/** The entries of the outermost parts; those within, where one part holds all the others. */
function outermost(list: HTMLElement | null): HTMLAnchorElement[] {
  let within = list;
  for (let only = within?.children; within && only?.length === 1; only = within?.children) {
    const inner: HTMLElement | null = only[0]?.querySelector("ol") ?? null;
    if (!inner) break;
    within = inner;
  }
  return Array.from(within?.children ?? []).flatMap((item) => item.querySelector("a") ?? []);
}

/** Whether the fragment of the address names something on this page that is no page of the item. */
export function namesOtherPlace(pages: Page[]): boolean {
  if (addressed(pages) !== undefined || location.hash.length < 2) return false;
  try {
    return document.getElementById(decodeURIComponent(location.hash.slice(1))) !== null;
  } catch {
    return false;
  }
}
