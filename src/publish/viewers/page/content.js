// Written by `iiif-build add-viewer`. Opens the viewer of this page with what the address names.
//
// `?iiif-content=` holds the address of a Manifest or a Collection, or a IIIF Content State 1.0, plain or encoded. Without it the
// Collection of this site is opened.

/** The most letters of a state that are looked at, and how deep. */
const LONGEST = 20_000;
const DEEPEST = 8;

const place = document.getElementById("viewer");

/** The Manifest or Collection to open, and the Canvas of it and the part of that, if some are named. Nothing: the address is not understood. */
function requested() {
  const text = new URLSearchParams(location.search).get("iiif-content");
  if (!text) return { manifest: webAddress(place.dataset.collection) };
  if (text.length > LONGEST) return undefined;
  const state = read(text.trim());
  return state === undefined ? undefined : find(state, {}, DEEPEST);
}

/** The JSON of a state, or the address that it is; nothing if it is neither. */
function read(text) {
  if (isAddress(text)) return text;
  try {
    const plain = text.startsWith("{") ? text : decodeURIComponent(atob(text.replace(/-/g, "+").replace(/_/g, "/")));
    return isAddress(plain) ? plain : JSON.parse(plain);
  } catch {
    return undefined;
  }
}

/** Whether it is an address of the web, or one of this site from its root or from this page. */
const isAddress = (text) => /^(https?:\/\/|\.{0,2}\/)/i.test(text);

/** The whole address; nothing if it is not one of the web. */
function webAddress(text) {
  try {
    const { protocol, href } = new URL(text, location.href);
    return protocol === "https:" || protocol === "http:" ? href : undefined;
  } catch {
    return undefined;
  }
}

/** What a state names: an Annotation, its target, a Canvas and what that is a part of. */
function find(state, known, depth) {
  if (depth === 0 || state === null) return undefined;
  if (typeof state === "string") return isAddress(state) ? { ...known, manifest: webAddress(state) } : undefined;
  if (Array.isArray(state)) return first(state.slice(0, 50), (part) => find(part, known, depth - 1));
  if (typeof state !== "object") return undefined;
  const { id, type, target, source, selector, partOf } = state;
  if (target ?? source) return first([target, source], (part) => find(part, { xywh: known.xywh ?? region(selector) }, depth - 1));
  if (type === "Manifest" || type === "Collection") return find(id, known, depth - 1);
  if (type !== "Canvas" || typeof id !== "string") return undefined;
  const [canvas, part = ""] = id.split("#", 2);
  return find(partOf, { canvas, xywh: known.xywh ?? region({ value: part }) }, depth - 1);
}

function first(list, look) {
  for (const part of list) {
    const found = part === undefined ? undefined : look(part);
    if (found?.manifest) return found;
  }
  return undefined;
}

/** `left,top,width,height` in pixels. */
function region(selector) {
  const { value } = (Array.isArray(selector) ? selector[0] : selector) ?? {};
  const found = /^xywh=(?:pixel:)?(\d+(?:\.\d+)?,\d+(?:\.\d+)?,\d+(?:\.\d+)?,\d+(?:\.\d+)?)$/.exec(value);
  return found ? found[1].split(",").map(Number) : undefined;
}

/** Calls `open` with what is requested, or says that the address is not understood. */
function start(open) {
  const content = requested();
  if (content?.manifest) return open(content);
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = place.dataset.notUnderstood;
  place.append(message);
}
