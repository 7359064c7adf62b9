import { one } from "./dom";

/** One page of the item, as its figure tells it. */
export interface Page {
  anchor: string;
  label: string;
  /** Absolute address of info.json. */
  info: string;
  /** A plain image of the page, for when its tiles cannot be had. */
  image: string;
  download: string;
  figure: HTMLElement;
  link: HTMLAnchorElement;
}

export function readPages(root: HTMLElement): Page[] {
  return Array.from(root.querySelectorAll<HTMLElement>("figure.page"), (figure) => {
    const image = one<HTMLImageElement>(figure, "img");
    return {
      anchor: figure.id,
      label: one(figure, ".page-label").textContent ?? "",
      info: new URL(figure.dataset.info ?? "", location.href).href,
      image: image.src,
      download: one<HTMLAnchorElement>(figure, ".page-download").href,
      figure,
      link: one<HTMLAnchorElement>(figure, ".page-image"),
    };
  });
}
