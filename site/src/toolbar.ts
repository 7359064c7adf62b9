import { one } from "./dom";
import type { Page } from "./pages";

export type Action = "previous" | "next" | "zoom-in" | "zoom-out" | "fit" | "rotate" | "full-screen" | "text" | "search";

/** Wires the buttons; returns what brings them up to date with the current page. */
export function createToolbar(
  root: HTMLElement,
  pages: Page[],
  act: (action: Action) => void,
  choose: (index: number) => void,
): (index: number) => void {
  const toolbar = one(root, ".toolbar");
  const select = one<HTMLSelectElement>(toolbar, ".page-select");
  const number = one(toolbar, ".page-number");
  const download = one<HTMLAnchorElement>(toolbar, "[data-action=download]");
  const previous = one(toolbar, "[data-action=previous]");
  const next = one(toolbar, "[data-action=next]");

  select.replaceChildren(...pages.map((page, index) => new Option(page.label, String(index))));
  select.addEventListener("change", () => choose(select.selectedIndex));
  one(toolbar, "[data-action=full-screen]").hidden = !document.fullscreenEnabled;
  for (const button of toolbar.querySelectorAll<HTMLElement>("button[data-action]")) {
    button.addEventListener("click", () => act(button.dataset.action as Action));
  }

  return (index) => {
    select.selectedIndex = index;
    number.textContent = `${index + 1} / ${pages.length}`;
    download.href = pages[index]?.download ?? "";
    // Not `disabled`: that would drop the focus of whoever has just pressed the button.
    previous.setAttribute("aria-disabled", String(index === 0));
    next.setAttribute("aria-disabled", String(index === pages.length - 1));
  };
}
