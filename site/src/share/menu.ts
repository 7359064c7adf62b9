// The download menu: the files of the pages that are shown, and those of the item.
import { fill, one } from "../dom";
import { atLeast, largest, readScan, type Page, type Scan, type Size } from "../pages";
import type { Shown } from "../shown";
import { createMore } from "../views/more";
import { sizeOf } from "./sizes";

/** As in the HTML: smaller files are thumbnails, and so many sizes are offered. */
const LEAST_WIDTH = 400;
const SIZES = 3;

export interface Menu {
  toggle(last: boolean): void;
  /** The pages that are shown have changed. */
  update(): void;
}

export function createMenu(button: HTMLElement, shown: Shown): Menu {
  const menu = one(shown.root, ".menu");
  const more = createMore();
  const entries = () => Array.from(menu.querySelectorAll<HTMLElement>("[role=menuitem]"));

  const fillPages = () => {
    for (const old of menu.querySelectorAll(".menu-page")) old.remove();
    for (const page of shown.pages()) {
      const group = pageGroup(page, menu.dataset);
      if (!group.querySelector("a")) continue;
      one(menu, "[role=group]:not(.menu-page)").before(group);
      void more(page).then((figure) => {
        group.append(...layerEntries(figure));
        tellSizes(group);
      });
    }
    tellSizes(menu);
  };
  const close = (back: boolean) => {
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    removeEventListener("pointerdown", closeOutside, true);
    if (back) button.focus();
  };
  const closeOutside = ({ target }: Event) => {
    if (target instanceof Node && !menu.contains(target) && !button.contains(target)) close(false);
  };
  const open = (last: boolean) => {
    fillPages();
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    addEventListener("pointerdown", closeOutside, true);
    const all = entries();
    all[last ? all.length - 1 : 0]?.focus();
  };

  menu.addEventListener("keydown", (event) => {
    const all = entries();
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: (now + 1) % all.length, ArrowUp: (now - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[to]?.focus();
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return close(true);
    else if (event.key === " ") all[now]?.click();
    else return;
    event.preventDefault();
  });
  menu.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[role=menuitem]")) close(true);
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget) && relatedTarget !== button) close(false);
  });
  return {
    toggle: (last) => (menu.hidden ? open(last) : close(true)),
    update() {
      if (menu.hidden) return;
      fillPages();
      if (!menu.contains(document.activeElement)) entries()[0]?.focus();
    },
  };
}

function pageGroup(page: Page, words: DOMStringMap): HTMLElement {
  const group = document.createElement("div");
  const title = fill(words.page ?? "", { label: page.label });
  const heading = document.createElement("p");
  group.className = "menu-page";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", title);
  heading.className = "menu-heading";
  heading.setAttribute("aria-hidden", "true");
  heading.textContent = title;
  group.append(heading);
  if (page.scan) group.append(...pictureEntries(page.scan, words));
  if (page.part) {
    const address = new URL(`text/${encodeURIComponent(page.token)}.txt`, location.href).href;
    group.append(entry(words.pageText ?? "", "TXT", address, `${page.scan ? nameOf(page.scan) : page.token}.txt`));
  }
  return group;
}

function pictureEntries(scan: Scan, words: DOMStringMap): HTMLElement[] {
  const files = offered(scan.files);
  const names = [["full"], ["small", "large"], ["small", "medium", "large"]][files.length - 1] ?? [];
  return files.map((size, index) => {
    const [width, height] = size;
    const isLargest = index === files.length - 1;
    const file = `${nameOf(scan)}${isLargest ? "" : `_${width}`}.jpg`;
    return entry(words[names[index] ?? ""] ?? "", `JPEG, ${width} × ${height}`, atLeast(scan, width), file);
  });
}

/** The further pictures of the same page, such as one in ultraviolet light. */
function layerEntries(figure: HTMLElement | undefined): HTMLElement[] {
  const layers = Array.from(figure?.querySelectorAll<HTMLElement>(".layer[data-info]") ?? []).slice(1);
  return layers.map(({ dataset: { info = "", label = "" } }) => {
    const scan = readScan(info);
    return entry(label, "JPEG", largest(scan), `${nameOf(scan)}.jpg`);
  });
}

function offered(files: Size[]): Size[] {
  return files.slice(-SIZES).filter(([width], index, last) => index === last.length - 1 || width >= LEAST_WIDTH);
}

/** The id of the image: that of the item and the page. */
function nameOf({ service }: Scan): string {
  const name = service.slice(service.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function entry(name: string, detail: string, address: string, file: string): HTMLElement {
  const [link, label, small] = [document.createElement("a"), document.createElement("span"), document.createElement("small")];
  link.setAttribute("role", "menuitem");
  link.tabIndex = -1;
  link.href = address;
  link.download = file;
  label.textContent = name;
  small.textContent = detail;
  link.append(label, " ", small);
  return link;
}

/** Adds to each file of this site how large it is, where the server says it. */
function tellSizes(menu: HTMLElement): void {
  for (const link of menu.querySelectorAll<HTMLAnchorElement>("a[download]")) {
    const small = link.querySelector("small");
    if (!small || link.dataset.sized !== undefined || link.origin !== location.origin) continue;
    link.dataset.sized = "";
    void sizeOf(link.href).then((size) => {
      if (size) small.textContent = [small.textContent, size].filter(Boolean).join(", ");
    });
  }
}
