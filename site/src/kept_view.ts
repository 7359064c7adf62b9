// The part of a page that is looked at stays when the page is turned, as long as the next one has about the same shape.
import OpenSeadragon from "openseadragon";

/** How much the shape of the next page may differ. */
const ALIKE = 0.05;

export interface KeptView {
  /** Remembers the view of what is open; `next` is what will be opened. */
  before(next: OpenSeadragon.Rect): void;
  /** Brings it back. */
  restore(): void;
}

export function keepView(viewer: OpenSeadragon.Viewer): KeptView {
  let view: { zoom: number; x: number; y: number } | undefined;
  return {
    before(next) {
      view = undefined;
      const { viewport, world } = viewer;
      if (!viewport || world.getItemCount() === 0) return;
      const all = world.getHomeBounds();
      const zoom = viewport.getZoom() / viewport.getHomeZoom();
      const isAlike = Math.abs((next.width / next.height) * (all.height / all.width) - 1) <= ALIKE;
      if (zoom <= 1.05 || !isAlike) return;
      const { x, y } = viewport.getCenter();
      view = { zoom, x: (x - all.x) / all.width, y: (y - all.y) / all.height };
    },
    restore() {
      const { viewport, world } = viewer;
      if (!view) return viewport.goHome(true) as unknown as void;
      const all = world.getHomeBounds();
      viewport.zoomTo(viewport.getHomeZoom() * view.zoom, undefined, true);
      viewport.panTo(new OpenSeadragon.Point(all.x + view.x * all.width, all.y + view.y * all.height), true);
      viewport.applyConstraints(true);
    },
  };
}
