import { atLeast, shapeOf, smallest, type Page } from "./pages";

/** As wide as a smallest file, or a little wider: the difference is not seen. */
const SMALL = 100;

/** A small picture of a page with its label, which leads to it. `width` is that of the picture in CSS pixels. */
export function thumbnail(pages: Page[], index: number, width: number, lazy: boolean): HTMLAnchorElement {
  const page = pages[index] as Page;
  const link = document.createElement("a");
  const label = document.createElement("span");
  const [across, down] = page.scan?.size ?? shapeOf(pages, index);
  link.href = `#${page.anchor}`;
  link.className = "thumbnail";
  link.dataset.index = String(index);
  link.tabIndex = -1;
  label.textContent = page.label;
  label.className = "thumbnail-label";
  if (page.language) label.lang = page.language;
  label.title = page.label;
  link.append(page.scan ? image() : gap(), label);
  return link;

  function image(): HTMLElement {
    const image = document.createElement("img");
    if (lazy) image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    [image.width, image.height] = [across, down];
    if (page.scan) image.src = width <= SMALL ? smallest(page.scan) : atLeast(page.scan, width * 0.85);
    return image;
  }

  function gap(): HTMLElement {
    const box = document.createElement("span");
    box.className = "thumbnail-gap";
    box.style.aspectRatio = `${across} / ${down}`;
    return box;
  }
}
