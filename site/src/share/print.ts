// Prints pages that a reader names: each picture with its label on a sheet of its own, and its text where that is wanted.
import { fill, one } from "../dom";
import { atLeast, type Page } from "../pages";
import type { Shown } from "../shown";

/** Pages that are printed at once: their pictures are all in memory. */
const MOST = 100;
/** Pixels; on A4 about 200 to the inch. */
const WIDTH = 1600;

export interface RangePrinter {
  /** Names the pages that are shown, as long as the reader has named none. */
  update(): void;
  print(): Promise<void>;
}

export function createRangePrinter(section: HTMLElement, shown: Shown | undefined): RangePrinter | undefined {
  const form = section.querySelector<HTMLFormElement>(".print-pages form");
  if (!form || !shown) return undefined;
  const field = one<HTMLInputElement>(form, "input[type=text]");
  const withText = form.querySelector<HTMLInputElement>("input[type=checkbox]");
  const status = one(form, ".print-status");
  let proposed = "";

  const say = (sentence = "") => (status.textContent = sentence);
  const fail = (sentence: string) => {
    say(sentence);
    field.focus();
  };
  withText?.addEventListener("change", () => (withText.dataset.chosen = ""));
  return {
    update() {
      const labels = shown.pages().map(({ label }) => label);
      if (field.value === proposed) field.value = proposed = labels.join(", ");
      const panel = shown.root.querySelector<HTMLElement>("#reader-text");
      if (withText && withText.dataset.chosen === undefined) withText.checked = panel?.hidden === false;
    },
    async print() {
      const { pages, unknown } = named(shown.all, field.value);
      if (unknown !== undefined) return fail(fill(form.dataset.none ?? "", { label: unknown }));
      if (pages.length > MOST) return fail(fill(form.dataset.many ?? "", { count: MOST }));
      say(form.dataset.waiting);
      const sheets = await sheetsOf(pages, withText?.checked ?? false);
      sheets.prepend(citationOf(section, pages));
      const clear = () => {
        document.documentElement.classList.remove("printing-pages");
        sheets.remove();
      };
      one(document, ".item").append(sheets);
      await Promise.all(Array.from(sheets.querySelectorAll("img"), (image) => image.decode().catch(() => undefined)));
      document.documentElement.classList.add("printing-pages");
      addEventListener("afterprint", clear, { once: true });
      say();
      print();
    },
  };
}

/** The pages of a list such as `3-7, 12`, in its order. A page is named by its label, or else by its number. `unknown`: no page is called so. */
export function named(all: Page[], list: string): { pages: Page[]; unknown?: string } {
  const indexOf = (name: string): number => {
    const wanted = name.trim().toLowerCase();
    const index = all.findIndex(({ label }) => label.toLowerCase() === wanted);
    return index < 0 && /^\d+$/.test(wanted) && all[Number(wanted) - 1] ? Number(wanted) - 1 : index;
  };
  const pagesOf = (entry: string): Page[] => {
    const single = all[indexOf(entry)];
    if (single) return [single];
    // A label can hold a hyphen itself.
    for (const { index = 0 } of entry.matchAll(/[-–—]/g)) {
      const [from, to] = [indexOf(entry.slice(0, index)), indexOf(entry.slice(index + 1))];
      if (from >= 0 && to >= 0) return all.slice(Math.min(from, to), Math.max(from, to) + 1);
    }
    return [];
  };
  const whole = pagesOf(list);
  if (whole.length > 0) return { pages: whole };
  const entries = list.split(/[,;،]/).map((entry) => entry.trim()).filter(Boolean);
  const found = entries.map(pagesOf);
  const missing = found.findIndex((pages) => pages.length === 0);
  if (entries.length === 0 || missing >= 0) return { pages: [], unknown: entries[missing] ?? "" };
  return { pages: found.flat() };
}

async function sheetsOf(pages: Page[], withText: boolean): Promise<HTMLElement> {
  const sheets = document.createElement("section");
  sheets.className = withText ? "print-sheets with-text" : "print-sheets";
  sheets.append(...(await Promise.all(pages.map((page) => sheetOf(page, withText)))));
  return sheets;
}

async function sheetOf(page: Page, withText: boolean): Promise<HTMLElement> {
  const [figure, caption] = [document.createElement("figure"), document.createElement("figcaption")];
  caption.textContent = page.label;
  caption.lang = page.language;
  if (page.scan) {
    const image = document.createElement("img");
    image.src = atLeast(page.scan, WIDTH);
    image.alt = "";
    figure.append(image);
  }
  figure.append(caption);
  if (withText && page.part) figure.append(textElement(await textOf(page)));
  return figure;
}

function textElement(text: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "print-text";
  element.dir = "auto";
  element.textContent = text;
  return element;
}

async function textOf({ token }: Page): Promise<string> {
  const answer = await fetch(new URL(`text/${encodeURIComponent(token)}.txt`, location.href)).catch(() => undefined);
  return answer?.ok ? answer.text() : "";
}

/** The citation with the pages that are printed. The address is that of the item. */
function citationOf(section: HTMLElement, pages: Page[]): HTMLElement {
  const citation = one(section, ".citation").cloneNode(true) as HTMLElement;
  const [first, last] = [pages[0]?.label, pages[pages.length - 1]?.label];
  const label = first === last ? first : `${first}–${last}`;
  const link = one<HTMLAnchorElement>(citation, "a");
  link.href = link.textContent = section.dataset.canonical ?? "";
  one(citation, "[data-part=page]").textContent = `, ${fill(citation.dataset.page ?? "", { label: label ?? "" })}`;
  return citation;
}
