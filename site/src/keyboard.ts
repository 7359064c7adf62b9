import type { Action } from "./toolbar";

export type KeyAction = Action | "first" | "last";

const KEYS: Record<string, KeyAction> = {
  PageUp: "previous",
  PageDown: "next",
  Home: "first",
  End: "last",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "0": "fit",
  r: "rotate",
  f: "full-screen",
};

/**
 * Keys of the viewer while the focus is in it; left and right also while nothing has the focus, where the browser has
 * no use for them. Up, down and Shift with an arrow stay with OpenSeadragon, which pans the image.
 */
export function listenToKeys(root: HTMLElement, rightToLeft: boolean, act: (action: KeyAction) => void): void {
  const arrows: Record<string, KeyAction> = rightToLeft
    ? { ArrowLeft: "next", ArrowRight: "previous" }
    : { ArrowLeft: "previous", ArrowRight: "next" };

  const handle = (event: KeyboardEvent, keys: Record<string, KeyAction>) => {
    const action = keys[event.key];
    const isArrow = event.key in arrows;
    if (!action || event.ctrlKey || event.altKey || event.metaKey || (isArrow && event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    act(action);
  };
  // In the capture phase, before OpenSeadragon's own keys.
  root.addEventListener(
    "keydown",
    (event) => {
      if (!(event.target instanceof HTMLSelectElement)) handle(event, { ...KEYS, ...arrows });
    },
    { capture: true },
  );
  document.body.addEventListener("keydown", (event) => {
    if (event.target === document.body) handle(event, arrows);
  });
}
