import { one } from "./dom";
import type { Action } from "./keyboard";
import type { Page } from "./pages";

/** Wires the buttons; returns what brings them up to date with the pages that are shown, of which `current` is the current one. */
export function createToolbar(
  root: HTMLElement,
  pages: Page[],
  act: (action: Action) => void,
  choose: (index: number) => void,
): (shown: number[], current: number) => void {
  const select = one<HTMLSelectElement>(root, ".page-select");
  const number = one(root, ".page-number");
  const previous = one(root, "[data-action=previous]");
  const next = one(root, "[data-action=next]");

  select.replaceChildren(...pages.map((page, index) => new Option(page.label, String(index))));
  select.addEventListener("change", () => choose(select.selectedIndex));
  one(root, "[data-action=full-screen]").hidden = !document.fullscreenEnabled;
  for (const button of root.querySelectorAll<HTMLElement>("button[data-action]")) {
    if (!button.closest(".panel")) button.addEventListener("click", () => act(button.dataset.action as Action));
  }

  return (shown, current) => {
    const [first = 0, last = first] = shown;
    select.selectedIndex = current;
    number.textContent = `${shown.map((index) => index + 1).join("–")} / ${pages.length}`;
    // Not `disabled`: that would drop the focus of whoever has just pressed the button.
    previous.setAttribute("aria-disabled", String(first === 0));
    next.setAttribute("aria-disabled", String(last === pages.length - 1));
  };
}
