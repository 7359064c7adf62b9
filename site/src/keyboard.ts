import type { Action } from "./toolbar";

export type KeyAction = Action | "first" | "last" | "find" | "next-hit" | "previous-hit" | "close";

const KEYS: Record<string, KeyAction> = {
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "0": "fit",
  r: "rotate",
  f: "full-screen",
  t: "text",
  s: "find",
};
/** In a text they scroll. */
const PAGING: Record<string, KeyAction> = { PageUp: "previous", PageDown: "next", Home: "first", End: "last" };
/** The only ones that act while a reader writes. */
const IN_FIELDS: Record<string, KeyAction> = { Escape: "close" };

/**
 * Keys of the viewer while the focus is in it; left, right and F3 also while nothing has the focus. Up, down and Shift
 * with an arrow stay with OpenSeadragon, which pans the image, and with lists of lines and hits. `act` answers whether
 * it had a use for the key; the browser gets those without.
 */
export function listenToKeys(root: HTMLElement, rightToLeft: boolean, act: (action: KeyAction) => boolean): void {
  const arrows: Record<string, KeyAction> = rightToLeft
    ? { ArrowLeft: "next", ArrowRight: "previous" }
    : { ArrowLeft: "previous", ArrowRight: "next" };

  const handle = (event: KeyboardEvent, keys: Record<string, KeyAction>) => {
    const action = event.key === "F3" ? (event.shiftKey ? "previous-hit" : "next-hit") : keys[event.key];
    const isArrow = event.key in arrows;
    if (!action || event.ctrlKey || event.altKey || event.metaKey || (isArrow && event.shiftKey)) return;
    if (!act(action)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const keysAt = (target: EventTarget | null) => {
    if (target instanceof HTMLSelectElement) return {};
    if (target instanceof HTMLInputElement) return IN_FIELDS;
    const inPanel = target instanceof Element && target.closest(".panel");
    return { ...KEYS, ...IN_FIELDS, ...arrows, ...(inPanel ? {} : PAGING) };
  };
  // In the capture phase, before OpenSeadragon's own keys.
  root.addEventListener("keydown", (event) => handle(event, keysAt(event.target)), { capture: true });
  document.body.addEventListener("keydown", (event) => {
    if (event.target === document.body) handle(event, arrows);
  });
}
