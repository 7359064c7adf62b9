import OpenSeadragon from "openseadragon";
import type { Box } from "./text/boxes";

/** What lies over the page on the stage and moves with it. */
export interface Cover {
  /** Lays `element` over the page until another one is shown; the page is `width` x `height` CSS pixels of it. */
  lay(element: HTMLElement, width: number, height: number): void;
  /** Takes it away. */
  lift(): void;
  /** Moves a box of the element into view, if it is outside. */
  reveal(box: Box): void;
}

/**
 * `place` tells where the page lies in the viewport: beside another one it does not begin at its left edge. `point` is
 * called with the place of the element that the pointer is over or has tapped, and without when it leaves.
 */
export function createCover(
  viewer: OpenSeadragon.Viewer,
  place: () => OpenSeadragon.Rect,
  point: (at?: { x: number; y: number }) => void,
): Cover {
  let laid: { frame: HTMLElement; element: HTMLElement; unit: number; at: OpenSeadragon.Rect } | undefined;
  let scale = 0;

  const rescale = () => {
    if (!laid) return;
    const now = viewer.viewport.deltaPixelsFromPointsNoRotate(new OpenSeadragon.Point(laid.unit, 0), true).x;
    if (now === scale) return;
    scale = now;
    laid.element.style.transform = `scale(${scale})`;
    laid.element.style.setProperty("--screen-pixel", `${1 / scale}px`);
  };
  const pointAt = (position: OpenSeadragon.Point) => {
    if (!laid) return;
    const { x, y } = viewer.viewport.pointFromPixel(position, true);
    point({ x: (x - laid.at.x) / laid.unit, y: (y - laid.at.y) / laid.unit });
  };

  viewer.addHandler("update-viewport", rescale);
  viewer.addHandler("close", () => (laid = undefined));
  viewer.addHandler("canvas-click", ({ position, quick }) => {
    if (quick) pointAt(position);
  });
  viewer.container.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || event.buttons !== 0) return;
    const frame = viewer.container.getBoundingClientRect();
    pointAt(new OpenSeadragon.Point(event.clientX - frame.left, event.clientY - frame.top));
  });
  viewer.container.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") point();
  });

  const lift = () => {
    if (laid) viewer.removeOverlay(laid.frame);
    laid = undefined;
  };
  return {
    lift,
    lay(element, width, height) {
      lift();
      // OpenSeadragon sizes and turns the frame; what is in it keeps the pixels of the page and is scaled as a whole.
      const frame = document.createElement("div");
      frame.className = "cover-frame";
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
      frame.append(element);
      const at = place();
      const unit = at.width / width;
      [laid, scale] = [{ frame, element, unit, at }, 0];
      viewer.addOverlay({ element: frame, location: new OpenSeadragon.Rect(at.x, at.y, at.width, height * unit) });
      rescale();
    },
    reveal({ x, y, width, height }) {
      if (!laid) return;
      const { at, unit } = laid;
      const centre = new OpenSeadragon.Point(at.x + (x + width / 2) * unit, at.y + (y + height / 2) * unit);
      const seen = viewer.viewport.pixelFromPoint(centre, true);
      const { x: right, y: bottom } = viewer.viewport.getContainerSize();
      const isSeen = seen.x > 0 && seen.y > 0 && seen.x < right && seen.y < bottom;
      if (!isSeen) viewer.viewport.panTo(centre).applyConstraints();
    },
  };
}
