// Links to what is shown: an address, code for a frame in another site, a IIIF Content State, other viewers.
import { one } from "../dom";
import { writePlace, type View } from "../place";
import type { Shown } from "../shown";
import { stateOf } from "./content_state";

/** Returns what brings the links up to date. */
export function createLinks(section: HTMLElement, shown: Shown | undefined): () => void {
  const share = one<HTMLDetailsElement>(section, ".share");
  const part = share.querySelector<HTMLElement>(".share-part");
  const isWanted = part?.querySelector("input");
  const others = Array.from(section.querySelectorAll<HTMLAnchorElement>("a[data-pattern]"));

  const update = () => {
    const { canonical = "" } = section.dataset;
    const seen: View = shown?.view() ?? { degrees: 0 };
    if (part) part.hidden = !seen.region;
    const view = isWanted?.checked === false ? { degrees: seen.degrees } : seen;
    const hash = addressOfPlace(shown, view);
    const state = stateOf(section, shown?.current(), view);
    write(share, "link", `${canonical}${hash}`);
    write(share, "embed", frame(`${canonical}?embed${hash}`));
    write(share, "state", `${canonical}?iiif-content=${state}`);
    for (const link of others) link.href = (link.dataset.pattern ?? "").replace("{state}", shown?.isChosen() || view.region ? state : encodeURIComponent(section.dataset.manifest ?? ""));
  };
  isWanted?.addEventListener("change", update);
  // The image can be moved after the links are made.
  for (const event of ["pointerenter", "focusin"]) section.addEventListener(event, update);
  return update;
}

function addressOfPlace(shown: Shown | undefined, view: View): string {
  if (shown) return shown.isChosen() || view.region || view.degrees ? writePlace(shown.current(), view) : "";
  const tape = document.querySelector<HTMLElement>(".recording:not([hidden])");
  const seconds = Math.floor(tape?.querySelector<HTMLMediaElement>("audio, video")?.currentTime ?? 0);
  return tape && seconds > 0 ? `#${tape.id}&t=${seconds}` : "";
}

function write(share: HTMLElement, name: string, value: string): void {
  one<HTMLInputElement>(share, `#share-${name}`).value = value;
}

function frame(address: string): string {
  const title = document.querySelector("h1")?.textContent?.trim() ?? "";
  return `<iframe src="${escape(address)}" title="${escape(title)}" width="800" height="600" style="max-width: 100%" allowfullscreen></iframe>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
