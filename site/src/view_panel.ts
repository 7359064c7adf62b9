// How the image looks, and the list of keys.
import { one } from "./dom";
import type { Action } from "./keyboard";

export interface ViewPanel {
  /** Does what a button or key stands for; answers whether it stands for something here. */
  act(action: Action): boolean;
  /** Says of buttons that are pressed or not which of the two. */
  press(action: Action, pressed: boolean): void;
}

export function createViewPanel(root: HTMLElement): ViewPanel {
  const panel = one(root, "#reader-view");
  const button = one(root, ".toolbar [data-action=view]");
  const dialog = one<HTMLDialogElement>(root, "dialog.keys");
  const stage = one(root, ".stage");
  const sliders = Array.from(panel.querySelectorAll<HTMLInputElement>("input[type=range]"));
  const invert = one(panel, "[data-action=invert]");
  const isInverted = () => invert.getAttribute("aria-pressed") === "true";

  const adjust = () => {
    const parts = sliders.filter(({ value }) => value !== "100").map(({ name, value }) => `${name}(${value}%)`);
    if (isInverted()) parts.push("invert(1)");
    stage.style.setProperty("--adjustments", parts.join(" ") || "none");
  };
  const toggle = (open: boolean) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) one(panel, "button").focus();
    else if (!root.contains(document.activeElement) || panel.contains(document.activeElement)) button.focus();
  };
  for (const slider of sliders) slider.addEventListener("input", adjust);
  return {
    act(action) {
      switch (action) {
        case "view": toggle(panel.hidden === true); return true;
        case "close":
          if (panel.hidden) return false;
          toggle(false);
          return true;
        case "invert":
          invert.setAttribute("aria-pressed", String(!isInverted()));
          adjust();
          return true;
        case "reset":
          for (const slider of sliders) slider.value = "100";
          invert.setAttribute("aria-pressed", "false");
          adjust();
          return true;
        case "keys":
          if (dialog.showModal) dialog.showModal();
          else dialog.setAttribute("open", "");
          return true;
        default: return false;
      }
    },
    press(action, pressed) {
      one(panel, `[data-action=${action}]`).setAttribute("aria-pressed", String(pressed));
    },
  };
}
