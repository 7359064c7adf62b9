// The thumbnails beside or below the stage. Only those near what is seen exist: an item can have thousands of pages.
import { one } from "./dom";
import { shapeOf, type Page } from "./pages";
import { thumbnail } from "./thumbnail";

/** CSS pixels, as in viewer.css. */
const [WIDTH, HEIGHT, LABEL, SPACE] = [96, 80, 22, 14];
const HEADING = 34;
/** The most thumbnails at once. */
const MOST = 60;

export interface Strip {
  mark(shown: number[], current: number): void;
}

export function createStrip(root: HTMLElement, pages: Page[], sections: Map<number, string>, choose: (index: number) => void): Strip {
  const strip = one(root, ".strip");
  const list = one(strip, "ol");
  const sectionName = one(strip, ".strip-section");
  const alive = new Map<number, HTMLElement>();
  const isWide = matchMedia("(min-width: 64rem)");
  let starts: number[] = [];
  let shown: number[] = [];
  /** The one that the Tab key stops at. */
  let stop = 0;

  const isVertical = () => isWide.matches;
  const length = (index: number) => {
    const [across, down] = pages[index]?.scan?.size ?? shapeOf(pages, index);
    if (!isVertical()) return Math.min(Math.max((HEIGHT * across) / down, 24), 400) + SPACE;
    return Math.min(Math.max((WIDTH * down) / across, 16), 400) + LABEL + SPACE + (sections.has(index) ? HEADING : 0);
  };

  function measure(): void {
    let at = 0;
    starts = pages.map((_, index) => (at += length(index)) - length(index));
    starts.push(at);
    list.style.height = isVertical() ? `${at}px` : "";
    list.style.width = isVertical() ? "" : `${at}px`;
    for (const item of alive.values()) item.remove();
    alive.clear();
    draw();
  }

  const isReversed = () => !isVertical() && getComputedStyle(strip).direction === "rtl";
  const scrolled = () => (isVertical() ? strip.scrollTop : Math.abs(strip.scrollLeft));
  const seen = () => (isVertical() ? strip.clientHeight : strip.clientWidth);

  /** The index of the thumbnail at a distance from the start. */
  function at(distance: number): number {
    let [low, high] = [0, pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= distance) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function draw(): void {
    const from = scrolled();
    const [first, last] = [at(from), at(from + seen())];
    const beside = Math.max(2, Math.min(12, MOST - 2 - (last - first)) >> 1);
    const wanted = new Set<number>([stop]);
    for (let index = Math.max(0, first - beside); index <= Math.min(pages.length - 1, last + beside); index++) wanted.add(index);
    for (const [index, item] of alive) {
      if (!wanted.has(index)) {
        item.remove();
        alive.delete(index);
      }
    }
    for (const index of [...wanted].sort((a, b) => a - b)) if (!alive.has(index)) add(index);
    const isNamed = sections.has(first) && from < (starts[first] ?? 0) + HEADING / 2;
    sectionName.textContent = isNamed ? "" : nameOfSection(first);
  }

  function add(index: number): void {
    const item = document.createElement("li");
    const link = thumbnail(pages, index, WIDTH, false);
    const heading = isVertical() ? sections.get(index) : undefined;
    if (heading) {
      const name = document.createElement("p");
      name.textContent = heading;
      item.append(name);
    }
    item.setAttribute("aria-setsize", String(pages.length));
    item.setAttribute("aria-posinset", String(index + 1));
    item.append(link);
    const start = starts[index] ?? 0;
    item.style[isVertical() ? "top" : isReversed() ? "right" : "left"] = `${start}px`;
    if (!isVertical()) item.style.width = `${(starts[index + 1] ?? start) - start - SPACE}px`;
    dress(link, index);
    alive.set(index, item);
    // In their order, so that assistive technology reads them so.
    const next = [...alive.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
    list.insertBefore(item, next === undefined ? null : (alive.get(next) ?? null));
  }

  function dress(link: HTMLElement, index: number): void {
    link.tabIndex = index === stop ? 0 : -1;
    if (shown.includes(index)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }

  const dressAll = () => {
    for (const [index, item] of alive) dress(one(item, "a"), index);
  };

  function nameOfSection(index: number): string {
    let name = "";
    for (const [start, section] of sections) if (start <= index) name = section;
    return name;
  }

  function bringIntoView(index: number, always: boolean): void {
    const [start, end] = [starts[index] ?? 0, starts[index + 1] ?? 0];
    const from = scrolled();
    const heading = isVertical() && sections.size > 0 ? HEADING : 0;
    if (!always && start >= from + heading && end <= from + seen()) return;
    const to = Math.max(0, (start + end) / 2 - seen() / 2);
    if (isVertical()) strip.scrollTop = to;
    else strip.scrollLeft = isReversed() ? -to : to;
  }

  function focusOn(index: number): void {
    stop = Math.min(Math.max(index, 0), pages.length - 1);
    bringIntoView(stop, false);
    draw();
    dressAll();
    alive.get(stop)?.querySelector("a")?.focus({ preventScroll: true });
  }

  const indexOf = (target: EventTarget | null) => {
    const link = (target as Element | null)?.closest?.<HTMLElement>(".thumbnail");
    return link ? Number(link.dataset.index) : undefined;
  };
  strip.addEventListener("click", (event) => {
    const index = indexOf(event.target);
    if (index === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(index);
  });
  strip.addEventListener("keydown", (event) => {
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const forward = getComputedStyle(strip).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const screen = Math.max(1, at(scrolled() + seen()) - at(scrolled()));
    const moves: Record<string, number> = {
      ArrowDown: stop + 1,
      ArrowUp: stop - 1,
      ArrowRight: forward === "ArrowRight" ? stop + 1 : stop - 1,
      ArrowLeft: forward === "ArrowLeft" ? stop + 1 : stop - 1,
      PageDown: stop + screen,
      PageUp: stop - screen,
      Home: 0,
      End: pages.length - 1,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focusOn(next);
  });
  strip.addEventListener("scroll", draw, { passive: true });
  if ("ResizeObserver" in window) {
    let size = "";
    new ResizeObserver(() => {
      const now = `${isVertical()} ${seen()}`;
      if (now === size || seen() === 0) return;
      size = now;
      measure();
      bringIntoView(stop, true);
    }).observe(strip);
  }
  sectionName.hidden = sections.size === 0;
  measure();

  return {
    mark(now, current) {
      shown = now;
      const hadFocus = strip.contains(document.activeElement);
      if (!hadFocus) stop = current;
      bringIntoView(current, true);
      draw();
      dressAll();
    },
  };
}
