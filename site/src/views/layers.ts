// Pictures of the same page, such as in other light: one is chosen, and may be seen through.
import { one } from "../dom";
import { readScan } from "../pages";
import type { Host } from "./views";

export interface Layers {
  /** Offers the layers of a figure; answers whether it has any. */
  show(figure: HTMLElement | undefined): boolean;
  clear(): void;
  step(by: 1 | -1): boolean;
}

export function createLayers({ root, stage, say }: Host): Layers {
  const group = one(root, ".layers");
  const choice = one(group, ".layer-choice");
  const opacity = one(group, ".opacity");
  const slider = one<HTMLInputElement>(opacity, "input");
  let layers: { label: string; info: string }[] = [];
  let chosen = 0;

  slider.addEventListener("input", () => stage.opacity(Number(slider.value) / 100));

  async function choose(index: number): Promise<void> {
    chosen = index;
    const layer = layers[index];
    choice.querySelectorAll("button").forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
    opacity.hidden = index === 0;
    slider.value = "100";
    if (!layer) return;
    say(layer.label);
    await stage.layer(index === 0 ? undefined : readScan(layer.info)).catch(() => undefined);
    stage.opacity(Number(slider.value) / 100);
  }

  return {
    show(figure) {
      const elements = Array.from(figure?.querySelectorAll<HTMLElement>(".layer") ?? []);
      layers = elements.map(({ dataset }) => ({ label: dataset.label ?? "", info: dataset.info ?? "" }));
      group.hidden = layers.length < 2;
      if (group.hidden) return false;
      choice.replaceChildren(
        ...layers.map(({ label }, index) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "switch";
          button.textContent = label;
          button.setAttribute("aria-pressed", String(index === 0));
          button.addEventListener("click", () => void choose(index));
          return button;
        }),
      );
      [chosen, opacity.hidden] = [0, true];
      return true;
    },
    clear() {
      [layers, group.hidden] = [[], true];
    },
    step(by) {
      if (layers.length > 1) void choose((chosen + by + layers.length) % layers.length);
      return layers.length > 1;
    },
  };
}
