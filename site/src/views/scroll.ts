// All pages one below the other, in place of the stage.
import { one } from "../dom";
import { atLeast, largest, shapeOf, type Page } from "../pages";
import type { Host } from "./views";

export interface Scroll {
  toggle(): void;
  turned(): void;
}

export function createScroll({ root, pages, current, show, press, remember }: Host): Scroll {
  const scroll = one(root, ".scroll");
  let sheets: HTMLElement[] = [];
  /** The page that the reader has scrolled to; another one that is shown has to be brought into view. */
  let seen = -1;

  function fillIn(): void {
    if (sheets.length > 0) return;
    sheets = pages.map((page, index) => sheet(page, index));
    scroll.append(...sheets);
  }

  function sheet(page: Page, index: number): HTMLElement {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const [width, height] = page.scan?.size ?? shapeOf(pages, index);
    caption.textContent = page.label;
    caption.lang = page.language;
    if (page.scan) {
      const image = document.createElement("img");
      const { scan } = page;
      image.loading = "lazy";
      image.decoding = "async";
      [image.width, image.height] = [width, height];
      image.alt = (root.dataset.image ?? "").replace("{label}", page.label);
      image.sizes = "(min-width: 64rem) 60vw, 100vw";
      image.srcset = scan.files.map((file, at) => `${at < scan.files.length - 1 ? atLeast(scan, file[0]) : largest(scan)} ${file[0]}w`).join(", ");
      image.src = atLeast(scan, 1000);
      figure.append(image);
    } else {
      const gap = document.createElement("div");
      gap.className = "gap-sheet";
      gap.style.aspectRatio = `${width} / ${height}`;
      gap.textContent = (root.dataset.imageGap ?? "").replace("{label}", page.label);
      figure.append(gap);
    }
    figure.append(caption);
    return figure;
  }

  /** Where the script has scrolled to: that is no wish of the reader. */
  let brought = -1;
  const bring = () => {
    const sheet = sheets[current()];
    if (!sheet) return;
    scroll.scrollTop = sheet.offsetTop;
    brought = scroll.scrollTop;
  };

  let waiting = 0;
  scroll.addEventListener("scroll", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      if (Math.abs(scroll.scrollTop - brought) < 2) return;
      brought = -1;
      const line = scroll.scrollTop + scroll.clientHeight / 3;
      const index = sheets.findIndex((sheet) => sheet.offsetTop + sheet.offsetHeight > line);
      if (index < 0 || index === current()) return;
      seen = index;
      show(index);
    });
  }, { passive: true });

  return {
    toggle() {
      const open = scroll.hidden === true;
      if (open) fillIn();
      scroll.hidden = !open;
      root.classList.toggle("with-scroll", open);
      press("scroll", open);
      remember("scroll", open ? "1" : "");
      if (open) bring();
    },
    turned() {
      if (!scroll.hidden && seen !== current()) bring();
      seen = -1;
    },
  };
}
