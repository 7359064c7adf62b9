// What is known about one page and what was written on it, beside the image; and the parts that notes are about, on it.
import { fill, one } from "../dom";
import type { Page } from "../pages";
import type { Region } from "../place";
import type { Host } from "./views";

export interface Notes {
  /** Shows what the figure of a page tells; answers whether there are notes. */
  show(page: Page, figure: HTMLElement | undefined): boolean;
  clear(): void;
  toggle(): boolean;
}

export function createNotes({ root, stage }: Host): Notes {
  const section = document.querySelector<HTMLElement>(".page-details");
  const button = one(root, ".notes-switch");
  let notes: HTMLElement[] = [];
  let areOn = true;

  function mark(): void {
    button.setAttribute("aria-pressed", String(areOn));
    const placed = areOn ? notes.filter((note) => regionOf(note)) : [];
    const marks = placed.map((note) => {
      const element = document.createElement("div");
      element.className = "note-box";
      element.setAttribute("aria-hidden", "true");
      note.addEventListener("pointerenter", () => element.classList.add("current"));
      note.addEventListener("pointerleave", () => element.classList.remove("current"));
      note.addEventListener("focus", () => element.classList.add("current"));
      note.addEventListener("blur", () => element.classList.remove("current"));
      return { element, region: regionOf(note) as Region };
    });
    stage.mark(marks);
  }

  return {
    show({ label }, figure) {
      const about = figure?.querySelector<HTMLElement>(".page-about")?.cloneNode(true) as HTMLElement | undefined;
      if (!section || !about) return false;
      const heading = one(section, "h2");
      heading.textContent = fill(heading.dataset.title ?? "", { label });
      one(section, "div").replaceChildren(about);
      section.hidden = false;
      notes = Array.from(about.querySelectorAll<HTMLElement>(".note"));
      for (const note of notes) {
        const region = regionOf(note);
        if (!region) continue;
        note.tabIndex = 0;
        note.addEventListener("click", () => stage.reveal(region));
        note.addEventListener("keydown", ({ key }) => {
          if (key === "Enter") stage.reveal(region);
        });
      }
      button.textContent = `${button.dataset.label ?? ""} (${notes.length})`;
      button.hidden = notes.length === 0;
      mark();
      return notes.length > 0;
    },
    clear() {
      notes = [];
      button.hidden = true;
      if (section) section.hidden = true;
    },
    toggle() {
      if (notes.length === 0) return false;
      areOn = !areOn;
      mark();
      return true;
    },
  };
}

function regionOf({ dataset }: HTMLElement): Region | undefined {
  const numbers = (dataset.region ?? "").split(",").map(Number);
  return numbers.length === 4 && numbers.every(Number.isFinite) ? (numbers as unknown as Region) : undefined;
}
