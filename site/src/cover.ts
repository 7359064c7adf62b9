import OpenSeadragon from "openseadragon";
import type { Box } from "./text/boxes";

/** What lies over the page on the stage and moves with it. */
export interface Cover {
  /** Lays `element` over the page until the next one is opened; the page is `width` x `height` CSS pixels of it. */
  lay(element: HTMLElement, width: number, height: number): void;
  /** Takes it away. */
  lift(): void;
  /** Moves a box of the element into view, if it is outside. */
  reveal(box: Box): void;
}

/** `point` is called with the place of the element that the pointer is over or has tapped, and without when it leaves. */
export function createCover(viewer: OpenSeadragon.Viewer, point: (at?: { x: number; y: number }) => void): Cover {
  let laid: { frame: HTMLElement; element: HTMLElement; width: number } | undefined;
  let scale = 0;

  const rescale = () => {
    if (!laid) return;
    const now = viewer.viewport.deltaPixelsFromPointsNoRotate(new OpenSeadragon.Point(1, 0), true).x / laid.width;
    if (now === scale) return;
    scale = now;
    laid.element.style.transform = `scale(${scale})`;
    laid.element.style.setProperty("--screen-pixel", `${1 / scale}px`);
  };
  const pointAt = (position: OpenSeadragon.Point) => {
    if (!laid) return;
    const { x, y } = viewer.viewport.pointFromPixel(position, true);
    point({ x: x * laid.width, y: y * laid.width });
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
      [laid, scale] = [{ frame, element, width }, 0];
      viewer.addOverlay({ element: frame, location: new OpenSeadragon.Rect(0, 0, 1, height / width) });
      rescale();
    },
    reveal({ x, y, width, height }) {
      if (!laid) return;
      const centre = new OpenSeadragon.Point((x + width / 2) / laid.width, (y + height / 2) / laid.width);
      const at = viewer.viewport.pixelFromPoint(centre, true);
      const { x: right, y: bottom } = viewer.viewport.getContainerSize();
      const isSeen = at.x > 0 && at.y > 0 && at.x < right && at.y < bottom;
      if (!isSeen) viewer.viewport.panTo(centre).applyConstraints();
    },
  };
}
