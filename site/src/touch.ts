// Fingers: a swipe turns the page, unless it moves a page that is larger than the stage.
import type { Stage } from "./stage";

/** CSS pixels that a swipe is long at least, and how much longer than high. */
const [LEAST, STRAIGHT] = [40, 1.5];
/** Pixels per millisecond of a short swipe that counts too. */
const FAST = 0.5;

/** `turn` is called with the side of the page that comes. */
export function listenToSwipes(element: HTMLElement, stage: Stage, turn: (side: "left" | "right") => void): void {
  const fingers = new Set<number>();
  let start: { x: number; y: number; time: number; edges: { left: boolean; right: boolean } } | undefined;

  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.add(event.pointerId);
    const free = stage.isFitted();
    const edges = { left: free || stage.isAtEdge("left"), right: free || stage.isAtEdge("right") };
    start = fingers.size === 1 ? { x: event.clientX, y: event.clientY, time: event.timeStamp, edges } : undefined;
  }, { capture: true });
  const leave = (event: PointerEvent) => {
    if (event.pointerType !== "touch") return;
    fingers.delete(event.pointerId);
    const began = start;
    start = undefined;
    if (!began || event.type === "pointercancel") return;
    const [x, y] = [event.clientX - began.x, event.clientY - began.y];
    const isSwipe = Math.abs(x) > LEAST || (Math.abs(x) > LEAST / 2 && Math.abs(x) / (event.timeStamp - began.time) > FAST);
    const side = x > 0 ? "left" : "right";
    if (isSwipe && Math.abs(x) > STRAIGHT * Math.abs(y) && began.edges[side]) turn(side);
  };
  element.addEventListener("pointerup", leave, { capture: true });
  element.addEventListener("pointercancel", leave, { capture: true });
}
