// A place in an item as the fragment of an address: a page, a part of its image, how far it is turned, a moment of a
// recording. `#page-0008&xywh=10,20,300,400&rotate=90`, `#page-tape&t=65`.
import type { Page, Size } from "./pages";

/** A part of a page, in hundredths of its width and height. */
export type Region = [left: number, top: number, width: number, height: number];

/** What is seen of a page. No region: all of it. */
export interface View {
  region?: Region;
  /** 0, 90, 180 or 270. */
  degrees: number;
}

export interface Place {
  /** The id of the page, which may be of no page. */
  name: string;
  /** In pixels, or in hundredths if `isPercent`. */
  xywh?: Region;
  isPercent: boolean;
  degrees: number;
  seconds?: number;
}

/** Reads a fragment, with its `#`. What is not understood is left out. */
export function readPlace(hash: string): Place {
  const place: Place = { name: "", isPercent: false, degrees: 0 };
  for (const part of hash.replace(/^#/, "").split("&").slice(0, 8)) {
    const [key = "", value] = part.split("=", 2);
    if (value === undefined) place.name ||= key;
    else if (key === "xywh") Object.assign(place, readRegion(value));
    else if (key === "rotate" && /^(90|180|270)$/.test(value)) place.degrees = Number(value);
    else if (key === "t") place.seconds = readSeconds(value);
  }
  return place;
}

/** Media Fragments 1.0, 4.2.2. */
function readRegion(value: string): Pick<Place, "xywh" | "isPercent"> | undefined {
  const found = /^(pixel:|percent:)?(\d{1,6}(?:\.\d+)?),(\d{1,6}(?:\.\d+)?),(\d{1,6}(?:\.\d+)?),(\d{1,6}(?:\.\d+)?)$/.exec(value.replace(/%2C/gi, ",").replace(/%3A/i, ":"));
  if (!found) return undefined;
  const [left = 0, top = 0, width = 0, height = 0] = found.slice(2).map(Number);
  return width > 0 && height > 0 ? { xywh: [left, top, width, height], isPercent: found[1] === "percent:" } : undefined;
}

/** Media Fragments 1.0, 4.2.1: the moment at which a stretch begins. */
function readSeconds(value: string): number | undefined {
  const found = /^(?:npt:)?(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,6}(?:\.\d+)?)(?:,.*)?$/.exec(value);
  return found ? Number(found[1] ?? 0) * 3600 + Number(found[2] ?? 0) * 60 + Number(found[3]) : undefined;
}

/** What a place shows of an image with this size; nothing if it names no part and no turn. */
export function viewOf({ xywh, isPercent, degrees }: Place, [width, height]: Size): View | undefined {
  if (!xywh) return degrees ? { degrees } : undefined;
  const [left, top, across, down] = xywh;
  const region: Region = isPercent ? xywh : [(left / width) * 100, (top / height) * 100, (across / width) * 100, (down / height) * 100];
  return region[0] < 100 && region[1] < 100 ? { region, degrees } : undefined;
}

/** In pixels of the image: `left,top,width,height`. */
export function pixels({ region }: View, [width, height]: Size): string | undefined {
  if (!region) return undefined;
  const [left, top, across, down] = region;
  return [left * width, top * height, across * width, down * height].map((value) => Math.round(value / 100)).join(",");
}

/** The fragment for a view of a page. */
export function writePlace({ anchor, scan }: Pick<Page, "anchor" | "scan">, view: View): string {
  const part = scan && pixels(view, scan.size);
  return `#${anchor}${part ? `&xywh=${part}` : ""}${view.degrees ? `&rotate=${view.degrees}` : ""}`;
}
