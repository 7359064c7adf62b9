// The way to what a reader takes away: its script is asked for when one reaches for it, or comes with a Content State.
import { TURNED, type Shown } from "../shown";
import { createCitation } from "./citation";
import type { TakeAway } from "./share";

/** The address of the script beside this one; the bundler writes it. */
declare const SHARE: string;

/** `shown`: none for an item without pages to look at. */
export function createShareDoor(shown: Shown | undefined): void {
  const section = document.querySelector<HTMLElement>(".take-away");
  const button = shown?.root.querySelector<HTMLElement>("[data-menu]");
  let loading: Promise<TakeAway> | undefined;

  const load = () => {
    loading ??= import(SHARE).then(({ createTakeAway }) => (createTakeAway as (need: object) => TakeAway)({ section, button, shown }));
    loading.catch(() => (loading = undefined));
    return loading;
  };
  const use = (act: (takeAway: TakeAway) => void) => void load().then(act, () => undefined);

  for (const part of [section, button]) {
    // The clipboard must be written soon after a click.
    for (const event of ["pointerenter", "focusin"]) part?.addEventListener(event, () => void load().catch(() => undefined), { once: true });
    part?.addEventListener("click", ({ target }) => {
      const pressed = target instanceof Element ? target.closest<HTMLElement>("button") : null;
      if (pressed) use((takeAway) => takeAway.press(pressed));
    });
  }
  button?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    use((takeAway) => takeAway.press(button, event.key === "ArrowUp"));
  });
  section?.addEventListener("submit", (event) => {
    event.preventDefault();
    use((takeAway) => takeAway.print());
  });
  section?.addEventListener("toggle", () => use((takeAway) => takeAway.update()), { capture: true });

  const cite = section && createCitation(section, shown);
  shown?.root.addEventListener(TURNED, () => cite?.());
  for (const event of ["hashchange", "popstate"]) addEventListener(event, () => cite?.());
  cite?.();
  markHosts();
  if (section && new URLSearchParams(location.search).has("iiif-content")) use((takeAway) => takeAway.follow());
}

/** The hosts of links in texts, which only print shows. */
function markHosts(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(":is(.metadata, .summary) a[href^=http]:not([data-host])")) {
    if (!link.textContent?.includes(link.hostname)) link.dataset.host = link.hostname.replace(/^www\./, "");
  }
}
