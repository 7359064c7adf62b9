// All pages at once, in place of the stage.
import { one } from "../dom";
import { thumbnail } from "../thumbnail";
import type { Host } from "./views";

/** CSS pixels, as in grid.css. */
const WIDTH = 140;

export interface Grid {
  toggle(): void;
  /** Answers whether it was open. */
  close(): boolean;
  turned(): void;
}

export function createGrid({ root, pages, sections, stage, current, show }: Host): Grid {
  const grid = one(root, ".grid");
  const body = one(grid, ".grid-pages");
  const field = one<HTMLInputElement>(grid, "input");
  const nothing = one(grid, "p");
  const button = one(root, ".toolbar [data-action=grid]");
  let links: HTMLAnchorElement[] = [];

  const seen = () => links.filter((link) => !link.parentElement?.hidden);
  const makeStop = (chosen: HTMLElement | undefined) => {
    for (const link of links) link.tabIndex = link === chosen ? 0 : -1;
  };

  function fillIn(): void {
    if (links.length > 0) return;
    let list = newList();
    pages.forEach((_, index) => {
      const name = sections.get(index);
      if (name !== undefined) {
        const heading = document.createElement("h2");
        heading.textContent = name;
        list = newList(heading);
      }
      const item = document.createElement("li");
      const link = thumbnail(pages, index, WIDTH, true);
      item.append(link);
      list.append(item);
      links.push(link);
    });
  }

  function newList(...before: HTMLElement[]): HTMLElement {
    const list = document.createElement("ol");
    list.setAttribute("role", "list");
    body.append(...before, list);
    return list;
  }

  function mark(): void {
    links.forEach((link, index) => {
      if (index === current()) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }

  function filter(): void {
    const wanted = field.value.trim().toLowerCase();
    links.forEach((link, index) => {
      const matches = (pages[index]?.label.toLowerCase() ?? "").includes(wanted) || String(index + 1) === wanted;
      if (link.parentElement) link.parentElement.hidden = wanted !== "" && !matches;
    });
    for (const list of body.querySelectorAll("ol")) {
      const isEmpty = !list.querySelector("li:not([hidden])");
      if (list.previousElementSibling instanceof HTMLHeadingElement) list.previousElementSibling.hidden = isEmpty;
    }
    const first = seen()[0];
    nothing.hidden = first !== undefined;
    makeStop(first);
  }

  /** What the field means: the page with exactly this label, else the first that is seen. */
  function found(): number {
    const wanted = field.value.trim().toLowerCase();
    const exact = pages.findIndex(({ label }) => label.toLowerCase() === wanted);
    return exact >= 0 ? exact : links.indexOf(seen()[0] as HTMLAnchorElement);
  }

  function open(): void {
    fillIn();
    field.value = "";
    filter();
    mark();
    root.classList.add("with-grid");
    grid.hidden = false;
    button.setAttribute("aria-expanded", "true");
    const link = links[current()];
    makeStop(link);
    link?.focus({ preventScroll: true });
    root.scrollIntoView({ block: "nearest" });
    if (link) reveal(link);
  }

  function close(): boolean {
    if (grid.hidden) return false;
    grid.hidden = true;
    root.classList.remove("with-grid");
    button.setAttribute("aria-expanded", "false");
    button.focus();
    return true;
  }

  function choose(index: number): void {
    if (index < 0) return;
    close();
    stage.focus();
    show(index, "jump");
  }

  function move(event: KeyboardEvent): void {
    const all = seen();
    const at = all.indexOf(event.target as HTMLAnchorElement);
    if (at < 0 || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const back = getComputedStyle(body).direction === "rtl" ? 1 : -1;
    const moves: Record<string, () => HTMLElement | undefined> = {
      ArrowLeft: () => all[at + back],
      ArrowRight: () => all[at - back],
      ArrowDown: () => beyond(all, at, 1),
      ArrowUp: () => beyond(all, at, -1),
      Home: () => all[0],
      End: () => all[all.length - 1],
      PageDown: () => all[Math.min(at + 20, all.length - 1)],
      PageUp: () => all[Math.max(at - 20, 0)],
    };
    const next = moves[event.key];
    if (!next) return;
    event.preventDefault();
    const link = next();
    if (!link) return;
    makeStop(link);
    link.focus();
  }

  grid.addEventListener("keydown", move);
  grid.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(".thumbnail");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(Number(link.dataset.index));
  });
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Else the key would press what has the focus then.
    event.preventDefault();
    choose(found());
  });
  return {
    toggle: () => void (close() || open()),
    close,
    turned: mark,
  };
}

/** Brings a link to the middle of the grid. Rows have their height once they are drawn, so the first answer is a guess. */
function reveal(link: HTMLElement, tries = 5): void {
  const scroller = link.closest(".grid");
  if (!scroller) return;
  const frame = scroller.getBoundingClientRect();
  const box = link.getBoundingClientRect();
  const away = box.top + box.height / 2 - (frame.top + frame.height / 2);
  scroller.scrollTop += away;
  if (tries > 0 && Math.abs(away) > 1) requestAnimationFrame(() => reveal(link, tries - 1));
}

/** The link in the nearest row above or below that stands over or under this one. */
function beyond(all: HTMLElement[], at: number, by: 1 | -1): HTMLElement | undefined {
  const { left, top } = (all[at] as HTMLElement).getBoundingClientRect();
  let best: { link: HTMLElement; row: number; distance: number } | undefined;
  for (let index = at + by; all[index]; index += by) {
    const link = all[index] as HTMLElement;
    const box = link.getBoundingClientRect();
    if (Math.abs(box.top - top) < 2) continue;
    if (best && Math.abs(box.top - best.row) >= 2) break;
    const distance = Math.abs(box.left - left);
    if (!best || distance < best.distance) best = { link, row: box.top, distance };
  }
  return best?.link;
}
