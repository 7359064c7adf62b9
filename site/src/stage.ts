import OpenSeadragon from "openseadragon";
import { createCover, type Cover } from "./cover";
import { fill } from "./dom";
import { loadInfo } from "./info";
import type { Page } from "./pages";

const ZOOM_STEP = 1.5;
/** Pixels of the stage left free around a page that fits it. */
const MARGIN = 16;

/** The zoomable image. */
export interface Stage {
  /** Shows a page; rejects when neither its tiles nor its plain image can be had. */
  open(page: Page): Promise<void>;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  rotate(): void;
  /** What lies over the page. */
  cover: Cover;
}

/** `label` names the image, with a place for the label of its page. `point` gets the place of the page that the pointer is over, in units of the cover. */
export function createStage(element: HTMLElement, label: string, point: (at?: { x: number; y: number }) => void): Stage {
  const viewer = OpenSeadragon({
    element,
    // Every browser has it, and one page of opaque tiles gains nothing from WebGL.
    drawer: "canvas",
    showNavigationControl: false,
    showNavigator: matchMedia("(min-width: 64rem) and (hover: hover)").matches,
    navigatorPosition: "TOP_RIGHT",
    navigatorSizeRatio: 0.14,
    navigatorAutoFade: false,
    animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.7,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    viewportMargins: { top: MARGIN, right: MARGIN, bottom: MARGIN, left: MARGIN },
    visibilityRatio: 0.6,
    minZoomImageRatio: 0.8,
    maxZoomPixelRatio: 2.5,
  });
  viewer.canvas.setAttribute("role", "application");
  viewer.canvas.setAttribute("aria-describedby", "stage-keys");
  showNavigatorWhenZoomed(viewer);
  keepFittedOnResize(viewer);

  const zoom = (factor: number) => {
    viewer.viewport.zoomBy(factor);
    viewer.viewport.applyConstraints();
  };
  let turn = 0;
  return {
    async open(page) {
      const mine = ++turn;
      viewer.canvas.setAttribute("aria-label", fill(label, { label: page.label }));
      const tiles = await loadInfo(page.info).catch(() => null);
      if (mine !== turn) return;
      if (tiles && (await opened(viewer, tiles))) return;
      if (mine !== turn) return;
      const plain = await opened(viewer, { type: "image", url: page.image });
      if (!plain && mine === turn) throw new Error(`${page.image} could not be loaded`);
    },
    zoomIn: () => zoom(ZOOM_STEP),
    zoomOut: () => zoom(1 / ZOOM_STEP),
    fit() {
      viewer.viewport.setRotation(0);
      viewer.viewport.goHome();
    },
    rotate: () => viewer.viewport.rotateBy(90),
    cover: createCover(viewer, point),
  };
}

function opened(viewer: OpenSeadragon.Viewer, source: object): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (success: boolean) => {
      viewer.removeHandler("open", succeed);
      viewer.removeHandler("open-failed", fail);
      resolve(success);
    };
    const succeed = () => settle(true);
    const fail = () => settle(false);
    viewer.addHandler("open", succeed);
    viewer.addHandler("open-failed", fail);
    viewer.viewport?.setRotation(0, true);
    viewer.open({ tileSource: source });
  });
}

// Entering full screen or turning a phone must not crop a page that was seen whole.
function keepFittedOnResize(viewer: OpenSeadragon.Viewer): void {
  let fitted = true;
  viewer.addHandler("open", () => (fitted = true));
  viewer.addHandler("animation-finish", () => (fitted = isFitted(viewer)));
  viewer.addHandler("resize", () => {
    if (fitted) requestAnimationFrame(() => viewer.viewport.goHome(true));
  });
}

function isFitted({ viewport }: OpenSeadragon.Viewer): boolean {
  return viewport.getZoom() <= viewport.getHomeZoom() * 1.05;
}

function showNavigatorWhenZoomed(viewer: OpenSeadragon.Viewer): void {
  const map = viewer.navigator?.element;
  if (!map) return;
  const update = () => map.classList.toggle("idle", isFitted(viewer));
  map.classList.add("navigator", "idle");
  map.setAttribute("aria-hidden", "true");
  viewer.addHandler("zoom", update);
  viewer.addHandler("open", update);
}
