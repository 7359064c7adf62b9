/** Width and height in pixels. */
export type Size = [number, number];

/** The image of a page. */
export interface Scan {
  /** Absolute address of the image service, without a slash at its end. */
  service: string;
  /** Absolute address of info.json. */
  info: string;
  size: Size;
  /** The files of the whole image, ascending. The last one is `full/max`. */
  files: Size[];
}

/** One page of the item, as the HTML tells it. */
export interface Page {
  anchor: string;
  /** Its name in the files of text. */
  token: string;
  /** The part of the item's text in which its text begins, if it has text. */
  part?: number;
  label: string;
  language: string;
  /** None: the page is known to be missing. */
  scan?: Scan;
  /** `facing-pages`: it shows two pages. `non-paged`: it is none of the book's own. */
  behavior?: string;
  /** Where its figure is that tells more of it: the address of a page, or empty for this one. */
  more?: string;
}

export function readPages(): Page[] {
  return Array.from(document.querySelectorAll<HTMLElement>(".pages [data-page]"), (element) => {
    const { page: token = "", text, info, size, sizes, behavior, more } = element.dataset;
    const label = element.querySelector<HTMLElement>(".page-label") ?? element.querySelector("a");
    return {
      anchor: element.id,
      token,
      part: Number(text) || undefined,
      label: (label?.textContent ?? "").trim(),
      language: label?.lang ?? "",
      scan: info === undefined ? undefined : readScan(info, size, sizes),
      behavior,
      more,
    };
  });
}

export function readScan(info: string, size = "", sizes = ""): Scan {
  const address = new URL(info, location.href).href;
  const numbers = (pair: string): Size => {
    const [width = 0, height = 0] = pair.split(",").map(Number);
    return [width || 1, height || 1];
  };
  return {
    service: address.replace(/\/info\.json$/, ""),
    info: address,
    size: numbers(size),
    files: sizes.split(" ").filter(Boolean).map(numbers),
  };
}

/** The address of the largest file. */
export function largest({ service }: Scan): string {
  return `${service}/full/max/0/default.jpg`;
}

/** The address of the smallest file. It is not in the list of sizes, which are halves of each other, but every image has it. */
export function smallest({ service }: Scan): string {
  return `${service}/full/90,/0/default.jpg`;
}

/** The address of the smallest file that is at least `width` pixels wide, or of the largest. */
export function atLeast(scan: Scan, width: number): string {
  const index = scan.files.findIndex(([own]) => own >= width);
  const file = scan.files[index];
  return file && index < scan.files.length - 1 ? `${scan.service}/full/${file.join(",")}/0/default.jpg` : largest(scan);
}

/** The shape of pages without a scan, as sheets of the item: that of the nearest page with one. */
export function shapeOf(pages: Page[], index: number): Size {
  for (let by = 0; by < pages.length; by++) {
    const size = pages[index - by]?.scan?.size ?? pages[index + by]?.scan?.size;
    if (size) return size;
  }
  return [5, 7];
}

/** The index of the page that the fragment of the address names. */
export function addressed(pages: Page[]): number | undefined {
  // A part of the page may follow.
  const [named] = location.hash.split("&");
  const index = pages.findIndex((page) => new URL(`#${page.anchor}`, location.href).hash === named);
  return index < 0 ? undefined : index;
}
