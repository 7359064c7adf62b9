// The picture that stands on the stage in the HTML, before any script.
import type OpenSeadragon from "openseadragon";

export interface Picture {
  /** A page is open, alone or in an opening: `image` is a file of it. */
  drawn(anchor: string, image: string | undefined, label: string): void;
}

/**
 * The picture lies over the tiles until all of them are drawn, or the reader moves them: they come from coarse to fine, and
 * it is sharp. After that it is only printed, and a browser that does not show it does not load it.
 */
export function createPicture(stage: HTMLElement, viewer: OpenSeadragon.Viewer): Picture {
  const picture = stage.querySelector<HTMLImageElement>(".picture");
  let isFirst = true;
  const hide = () => {
    picture?.classList.add("done");
    viewer.removeHandler("canvas-press", hide);
    viewer.removeHandler("canvas-key", hide);
    viewer.removeHandler("canvas-scroll", hide);
    viewer.removeHandler("zoom", moved);
    viewer.removeHandler("rotate", hide);
  };
  const moved = (event: object) => {
    if (!(event as { immediately?: boolean }).immediately) hide();
  };
  viewer.addHandler("canvas-press", hide);
  viewer.addHandler("canvas-key", hide);
  viewer.addHandler("canvas-scroll", hide);
  viewer.addHandler("zoom", moved);
  viewer.addHandler("rotate", hide);
  return {
    drawn(anchor, image, label) {
      if (!picture) return;
      if (isFirst && anchor === picture.dataset.anchor) {
        for (let index = 0; index < viewer.world.getItemCount(); index++) viewer.world.getItemAt(index).whenFullyLoaded(hide);
        isFirst = false;
        return;
      }
      hide();
      isFirst = false;
      document.documentElement.classList.remove("elsewhere");
      picture.loading = "lazy";
      for (const name of ["srcset", "sizes", "width", "height", "fetchpriority"]) picture.removeAttribute(name);
      if (image) picture.src = image;
      else picture.removeAttribute("src");
      picture.alt = label;
    },
  };
}
