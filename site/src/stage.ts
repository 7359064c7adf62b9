import OpenSeadragon from "openseadragon";
import { createCover, type Cover } from "./cover";
import { loadInfo } from "./info";
import { atLeast, largest, type Page, type Scan, type Size } from "./pages";
import { keepView } from "./kept_view";
import { createPicture } from "./picture";
import type { Region, View } from "./place";

const ZOOM_STEP = 1.5;
/** Pixels of the stage left free around a page that fits it. The picture in the HTML has the same. */
const MARGIN = 16;
/** The least width of the plain image of a page, for when its tiles cannot be had. */
const PLAIN_WIDTH = 1000;

/** A page on the stage. */
export interface Sheet {
  page: Page;
  /** The shape of a page without a scan. */
  size: Size;
}

/** The zoomable image. */
export interface Stage {
  /** Shows sheets from left to right, of which `shown` is the current page; rejects if it has no image that can be had. */
  open(sheets: Sheet[], shown: number, label: string): Promise<void>;
  /** Another sheet of those that are open is the current page. */
  choose(shown: number): void;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  /** Turns the image by so many degrees; answers how far it is turned now. */
  rotate(by: number): number;
  /** Whether the pages are seen whole. */
  isFitted(): boolean;
  /** Whether nothing more of the image is to the left, or to the right. */
  isAtEdge(side: "left" | "right"): boolean;
  /** Lays another picture of the same page over the first one, or takes it away. */
  layer(scan: Scan | undefined): Promise<void>;
  /** How much of that picture is seen, up to 1. */
  opacity(part: number): void;
  /** Lays elements over parts of the page, until another is shown; none takes them away. */
  mark(marks: { element: HTMLElement; region: Region }[]): void;
  /** Moves a part of the page into view. */
  reveal(region: Region): void;
  /** What is seen of the current page. */
  view(): View;
  /** Shows that part of the current page. */
  look(view: View): void;
  focus(): void;
  /** What lies over the page. */
  cover: Cover;
}

/** `point` gets the place of the page that the pointer is over, in units of the cover. */
export function createStage(element: HTMLElement, point: (at?: { x: number; y: number }) => void): Stage {
  const host = document.createElement("div");
  host.className = "zoomable";
  element.prepend(host);
  const viewer = createViewer(host);
  const picture = createPicture(element, viewer);
  const kept = keepView(viewer);
  let places: OpenSeadragon.Rect[] = [];
  let current = 0;
  let turn = 0;
  let over: OpenSeadragon.TiledImage | undefined;
  let layerTurn = 0;
  let marked: HTMLElement[] = [];

  const here = () => places[current] ?? new OpenSeadragon.Rect(0, 0, 1, 1);
  const rectOf = ([left, top, width, height]: Region) => {
    const { x, y, width: pageWidth, height: pageHeight } = here();
    return new OpenSeadragon.Rect(x + (left / 100) * pageWidth, y + (top / 100) * pageHeight, (width / 100) * pageWidth, (height / 100) * pageHeight);
  };
  const unmark = () => {
    for (const mark of marked) viewer.removeOverlay(mark);
    marked = [];
  };
  const takeLayer = () => {
    layerTurn++;
    if (over) viewer.world.removeItem(over);
    over = undefined;
  };
  const zoom = (factor: number) => {
    viewer.viewport.zoomBy(factor);
    viewer.viewport.applyConstraints();
  };
  return {
    async open(sheets, shown, label) {
      const mine = ++turn;
      viewer.canvas.setAttribute("aria-label", label);
      const tiles = await Promise.all(sheets.map(({ page }) => page.scan && loadInfo(page.scan.info).catch(() => null)));
      if (mine !== turn) return;
      takeLayer();
      [places, current, marked] = [placesOf(sheets), shown, []];
      kept.before(around(places));
      const source = (index: number, plain: boolean) => sourceOf(sheets[index] as Sheet, plain ? null : tiles[index], places[index] as OpenSeadragon.Rect);
      const isOpen =
        (await opened(viewer, sheets.map((_, index) => source(index, false)), kept.restore)) ||
        (mine === turn && (await opened(viewer, sheets.map((_, index) => source(index, true)), kept.restore)));
      if (mine !== turn) return;
      const page = sheets[shown]?.page;
      picture.drawn(page?.anchor ?? "", page?.scan && atLeast(page.scan, PLAIN_WIDTH), label);
      if (!isOpen) throw new Error("no image could be loaded");
      sheets.forEach(({ page }, index) => {
        if (!page.scan) viewer.addOverlay({ element: gapSheet(element, page), location: places[index] as OpenSeadragon.Rect });
      });
    },
    choose(shown) {
      unmark();
      takeLayer();
      current = shown;
    },
    zoomIn: () => zoom(ZOOM_STEP),
    zoomOut: () => zoom(1 / ZOOM_STEP),
    fit() {
      viewer.viewport.setRotation(0);
      viewer.viewport.goHome();
    },
    rotate(by) {
      const degrees = (((viewer.viewport.getRotation() + by) % 360) + 360) % 360;
      const wasFitted = isFitted(viewer);
      viewer.viewport.setRotation(degrees);
      if (wasFitted) viewer.viewport.goHome();
      return degrees;
    },
    isFitted: () => isFitted(viewer),
    isAtEdge(side) {
      const seen = viewer.viewport.getBounds(true);
      const all = viewer.world.getHomeBounds();
      const slack = seen.width * 0.02;
      return side === "left" ? seen.x <= all.x + slack : seen.x + seen.width >= all.x + all.width - slack;
    },
    async layer(scan) {
      takeLayer();
      if (!scan) return;
      const mine = layerTurn;
      const { x, y, width } = here();
      const tileSource = await loadInfo(scan.info);
      if (mine !== layerTurn) return;
      await new Promise<void>((resolve, reject) => {
        const success = (event: object) => {
          over = (event as { item: OpenSeadragon.TiledImage }).item;
          if (mine !== layerTurn) takeLayer();
          resolve();
        };
        viewer.addTiledImage({ tileSource, x, y, width, success, error: () => reject(new Error(largest(scan))) });
      });
    },
    opacity: (part) => over?.setOpacity(part),
    mark(marks) {
      unmark();
      marked = marks.map(({ element }) => element);
      for (const { element, region } of marks) viewer.addOverlay({ element, location: rectOf(region) });
    },
    reveal(region) {
      viewer.viewport.panTo(rectOf(region).getCenter()).applyConstraints();
    },
    view() {
      const degrees = ((viewer.viewport?.getRotation() ?? 0) + 360) % 360;
      const seen = isFitted(viewer) ? null : viewer.viewport.getBounds().getBoundingBox().intersection(here());
      if (!seen) return { degrees };
      const { x, y, width, height } = here();
      return { degrees, region: [((seen.x - x) / width) * 100, ((seen.y - y) / height) * 100, (seen.width / width) * 100, (seen.height / height) * 100] };
    },
    look({ region, degrees }) {
      viewer.viewport.setRotation(degrees);
      if (!region) return void viewer.viewport.goHome();
      viewer.viewport.fitBounds(rectOf(region));
    },
    focus: () => viewer.canvas.focus({ preventScroll: true }),
    cover: createCover(viewer, here, point),
  };
}

function createViewer(element: HTMLElement): OpenSeadragon.Viewer {
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
    gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true, pinchToZoom: true },
    viewportMargins: { top: MARGIN, right: MARGIN, bottom: MARGIN, left: MARGIN },
    visibilityRatio: 0.6,
    minZoomImageRatio: 0.8,
    maxZoomPixelRatio: 2.5,
  });
  viewer.canvas.setAttribute("role", "application");
  viewer.canvas.setAttribute("aria-describedby", "stage-keys");
  showNavigatorWhenZoomed(viewer);
  keepFittedOnResize(viewer);
  // A finger that moves over a page which is seen whole turns it, or scrolls the site.
  const keepStill = (event: { pointerType?: string; preventDefaultAction?: boolean }) => {
    if (event.pointerType === "touch" && isFitted(viewer)) event.preventDefaultAction = true;
  };
  viewer.addHandler("canvas-drag", keepStill as never);
  viewer.addHandler("canvas-drag-end", keepStill as never);
  return viewer;
}

/** Side by side and equally high. A single page is one unit wide. */
function placesOf(sheets: Sheet[]): OpenSeadragon.Rect[] {
  const shapes = sheets.map(({ page, size }) => page.scan?.size ?? size);
  let x = 0;
  return shapes.map(([width, height]) => {
    const place = shapes.length === 1 ? new OpenSeadragon.Rect(0, 0, 1, height / width) : new OpenSeadragon.Rect(x, 0, width / height, 1);
    x += place.width;
    return place;
  });
}

function around(places: OpenSeadragon.Rect[]): OpenSeadragon.Rect {
  return places.reduce((all, place) => all.union(place));
}

function sourceOf({ page, size: [width, height] }: Sheet, tiles: object | null | undefined, { x, y, width: across }: OpenSeadragon.Rect): object {
  const place = { x, y, width: across };
  if (!page.scan) {
    // Nothing is drawn; the sheet lies over its place.
    return { ...place, tileSource: { width, height, tileSize: Math.max(width, height), minLevel: 0, maxLevel: 0, getTileUrl: () => "", tileExists: () => false } };
  }
  return { ...place, tileSource: tiles ?? { type: "image", url: atLeast(page.scan, PLAIN_WIDTH) } };
}

function gapSheet(stage: HTMLElement, { label }: Page): HTMLElement {
  const sheet = document.createElement("div");
  const words = document.createElement("p");
  const sentence = stage.closest<HTMLElement>(".viewer")?.dataset.imageGap ?? "";
  sheet.className = "gap-sheet";
  words.textContent = sentence.replace("{label}", label);
  sheet.append(words);
  return sheet;
}

function opened(viewer: OpenSeadragon.Viewer, sources: object[], whenOpen: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (success: boolean) => {
      viewer.removeHandler("open", succeed);
      viewer.removeHandler("open-failed", fail);
      resolve(success);
    };
    const succeed = () => {
      whenOpen();
      settle(true);
    };
    const fail = () => settle(false);
    viewer.addHandler("open", succeed);
    viewer.addHandler("open-failed", fail);
    viewer.open(sources as never);
  });
}

// Entering full screen or turning a phone must not crop a page that was seen whole.
function keepFittedOnResize(viewer: OpenSeadragon.Viewer): void {
  let fitted = true;
  viewer.addHandler("open", () => (fitted = isFitted(viewer)));
  viewer.addHandler("animation-finish", () => (fitted = isFitted(viewer)));
  // The first resize comes right after the image: what a reader or an address has zoomed into by then stays.
  viewer.addHandler("zoom", ({ immediately }) => {
    if (!immediately) fitted = isFitted(viewer);
  });
  viewer.addHandler("resize", () => {
    if (fitted) requestAnimationFrame(() => viewer.viewport.goHome(true));
  });
}

function isFitted({ viewport }: OpenSeadragon.Viewer): boolean {
  return !viewport || viewport.getZoom() <= viewport.getHomeZoom() * 1.05;
}

function showNavigatorWhenZoomed(viewer: OpenSeadragon.Viewer): void {
  const map = viewer.navigator?.element;
  const update = () => {
    const fitted = isFitted(viewer);
    map?.classList.toggle("idle", fitted);
    // While a page is seen whole, a finger that moves up or down scrolls the page of the site.
    viewer.element.classList.toggle("zoomed", !fitted);
  };
  map?.classList.add("navigator", "idle");
  map?.setAttribute("aria-hidden", "true");
  viewer.addHandler("zoom", update);
  viewer.addHandler("open", update);
}
