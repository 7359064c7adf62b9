/** One stop of the Tab key for all that match `selector` in `list`: arrows up and down move among them. */
export function rove(list: HTMLElement, selector: string): void {
  const all = () => Array.from(list.querySelectorAll<HTMLElement>(selector));
  list.addEventListener("focusin", ({ target }) => {
    const chosen = (target as Element).closest<HTMLElement>(selector);
    if (chosen) makeStop(list, selector, chosen);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const elements = all();
    const at = elements.indexOf((event.target as Element).closest(selector) as HTMLElement);
    const next = elements[at < 0 ? 0 : at + by];
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  });
}

/** The element that the Tab key stops at. */
export function makeStop(list: HTMLElement, selector: string, chosen: HTMLElement): void {
  for (const other of list.querySelectorAll<HTMLElement>(`${selector}[tabindex="0"]`)) other.tabIndex = -1;
  chosen.tabIndex = 0;
}
