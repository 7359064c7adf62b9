import { one } from "./dom";

/** One page of the item, as its figure tells it. */
export interface Page {
  anchor: string;
  /** Its name in the files of text. */
  token: string;
  /** The part of the item's text in which its text begins, if it has text. */
  part?: number;
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
      token: figure.dataset.page ?? "",
      part: Number(figure.dataset.text) || undefined,
      label: one(figure, ".page-label").textContent ?? "",
      info: new URL(figure.dataset.info ?? "", location.href).href,
      image: image.src,
      download: one<HTMLAnchorElement>(figure, ".page-download").href,
      figure,
      link: one<HTMLAnchorElement>(figure, ".page-image"),
    };
  });
}
