export type Action =
  | "previous" | "next" | "first" | "last"
  | "zoom-in" | "zoom-out" | "fit" | "rotate" | "rotate-left" | "full-screen"
  | "text" | "search" | "find" | "next-hit" | "previous-hit" | "close"
  | "grid" | "double" | "scroll" | "strip" | "view" | "keys"
  | "notes" | "previous-layer" | "next-layer" | "invert" | "reset";

const KEYS: Record<string, Action> = {
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "0": "fit",
  r: "rotate",
  R: "rotate-left",
  f: "full-screen",
  t: "text",
  s: "find",
  g: "grid",
  b: "double",
  v: "scroll",
  m: "strip",
  i: "view",
  n: "notes",
  "[": "previous-layer",
  "]": "next-layer",
  "?": "keys",
};
/** In a text, a list of thumbnails or pages to scroll through they move there. */
const PAGING: Record<string, Action> = { PageUp: "previous", PageDown: "next", Home: "first", End: "last" };
const OWN_PAGING = ".panel, .strip, .grid, .scroll";
const OWN_ARROWS = ".strip, .grid, [type=range]";
/** The only ones that act while a reader writes. */
const IN_FIELDS: Record<string, Action> = { Escape: "close" };

/**
 * Keys of the viewer while the focus is in it; left, right and F3 also while nothing has the focus. Up, down and Shift
 * with an arrow stay with OpenSeadragon, which pans the image, and with lists of lines and hits. `act` answers whether
 * it had a use for the key; the browser gets those without.
 */
export function listenToKeys(root: HTMLElement, rightToLeft: boolean, act: (action: Action) => boolean): void {
  const arrows: Record<string, Action> = rightToLeft
    ? { ArrowLeft: "next", ArrowRight: "previous" }
    : { ArrowLeft: "previous", ArrowRight: "next" };

  const handle = (event: KeyboardEvent, keys: Record<string, Action>) => {
    const action = event.key === "F3" ? (event.shiftKey ? "previous-hit" : "next-hit") : keys[event.key];
    const isArrow = event.key in arrows;
    if (!action || event.ctrlKey || event.altKey || event.metaKey || (isArrow && event.shiftKey)) return;
    if (!act(action)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const keysAt = (target: EventTarget | null) => {
    if (!(target instanceof Element) || target instanceof HTMLSelectElement || target.closest("dialog, [role=menu]")) return {};
    const isRange = target instanceof HTMLInputElement && target.type === "range";
    if (target instanceof HTMLInputElement && !isRange) return IN_FIELDS;
    const [ownPaging, ownArrows] = [isRange || target.closest(OWN_PAGING), target.closest(OWN_ARROWS)];
    return { ...KEYS, ...IN_FIELDS, ...(ownArrows ? {} : arrows), ...(ownPaging ? {} : PAGING) };
  };
  // In the capture phase, before OpenSeadragon's own keys.
  root.addEventListener("keydown", (event) => handle(event, keysAt(event.target)), { capture: true });
  document.body.addEventListener("keydown", (event) => {
    if (event.target === document.body) handle(event, arrows);
  });
}
