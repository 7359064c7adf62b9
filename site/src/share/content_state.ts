// IIIF Content State API 1.0: a place in an item for any viewer, read from an address and written for one.
import type { Page } from "../pages";
import { pixels, readPlace, type View } from "../place";
import type { Shown } from "../shown";

/** The most letters of a state that are looked at, and how deep. */
const LONGEST = 20_000;
const DEEPEST = 8;

/** The encoded state of what is seen of a page; of the item, if there is none. */
export function stateOf(section: HTMLElement, page: Page | undefined, view: View): string {
  const { manifest = "" } = section.dataset;
  const whole = { id: manifest, type: "Manifest" };
  const part = page?.scan && pixels(view, page.scan.size);
  const target = page ? { id: `${canvasId(manifest, page)}${part ? `#xywh=${part}` : ""}`, type: "Canvas", partOf: [whole] } : whole;
  return encode(JSON.stringify({ "@context": "http://iiif.io/api/presentation/3/context.json", type: "Annotation", motivation: ["contentState"], target }));
}

function canvasId(manifest: string, { token }: Page): string {
  const name = encodeURIComponent(token).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return manifest.replace(/manifest\.json$/, `canvas/${name.replace(/%2C/g, ",")}`);
}

/** Section 6: percent-encoded, so that only ASCII is left, then base64url without padding. */
export function encode(state: string): string {
  return btoa(encodeURIComponent(state)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function decode(text: string): string {
  return decodeURIComponent(atob(text.replace(/-/g, "+").replace(/_/g, "/")));
}

/** Goes to the place that the state of the address names, if it is one of this item. Anything else is left alone. */
export function follow(section: HTMLElement, shown: Shown | undefined): void {
  const address = new URL(location.href);
  const text = address.searchParams.get("iiif-content") ?? "";
  const place = shown && text.length <= LONGEST ? find(read(text), section.dataset.manifest ?? "", shown.all, DEEPEST) : undefined;
  if (!place) return;
  address.searchParams.delete("iiif-content");
  history.replaceState(null, "", `${address.pathname}${address.search}${place}`);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** The JSON of a state, or the address that it is; nothing if it is neither. */
function read(text: string): unknown {
  if (/^https?:/.test(text)) return text;
  try {
    const plain = text.trimStart().startsWith("{") ? text : decode(text);
    return /^https?:/.test(plain) ? plain : JSON.parse(plain);
  } catch {
    return undefined;
  }
}

/** The fragment of the first canvas of this item in a state: an Annotation, its target, or what that is a part of. */
function find(state: unknown, manifest: string, pages: Page[], depth: number): string | undefined {
  if (depth === 0 || state === null) return undefined;
  if (typeof state === "string") return placeOf(state, manifest, pages);
  if (Array.isArray(state)) return first(state.slice(0, 50), (part) => find(part, manifest, pages, depth - 1));
  if (typeof state !== "object") return undefined;
  const { id, target, source, selector } = state as Record<string, unknown>;
  const named = typeof id === "string" ? placeOf(id, manifest, pages) : undefined;
  const place = named ?? first([target, source], (part) => find(part, manifest, pages, depth - 1));
  return place && withPart(place, selector);
}

function first<T>(list: T[], look: (part: T) => string | undefined): string | undefined {
  for (const part of list) {
    const found = look(part);
    if (found) return found;
  }
  return undefined;
}

function placeOf(address: string, manifest: string, pages: Page[]): string | undefined {
  const [canvas = "", part = ""] = address.split("#", 2);
  const page = pages.find((page) => same(canvas, canvasId(manifest, page)));
  return page && withPart(`#${page.anchor}`, { value: part });
}

function withPart(place: string, selector: unknown): string {
  const chosen: unknown = Array.isArray(selector) ? selector[0] : selector;
  const value = typeof chosen === "object" && chosen !== null ? (chosen as Record<string, unknown>).value : undefined;
  const { xywh, isPercent } = readPlace(typeof value === "string" ? `#${value}` : "");
  return xywh && !place.includes("&xywh=") ? `${place}&xywh=${isPercent ? "percent:" : ""}${xywh.join(",")}` : place;
}

function same(one: string, other: string): boolean {
  try {
    return decodeURI(one) === decodeURI(other);
  } catch {
    return one === other;
  }
}
