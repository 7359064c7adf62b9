// One player for all sound and video of an item, and a list of them in the order of their pages.
import { fill } from "../dom";
import { readPlace } from "../place";
import { keepPosition } from "./position";
import { addTranscript } from "./transcript";
import { clock } from "./vtt";

/** A file to play. */
interface Tape {
  figure: HTMLElement;
  media: HTMLMediaElement;
  label: string;
}

export function createRecordings(root: HTMLElement): void {
  const tapes = readTapes(root);
  const status = root.querySelector("[role=status]");
  let current = -1;
  let isSought = false;

  const list = tapeList(tapes, (index) => choose(index));
  for (const figure of new Set(tapes.map(({ figure }) => figure))) {
    addTranscript(figure, root.dataset, (seconds) => seek(tapes.findIndex((tape) => tape.figure === figure), seconds, true));
  }
  tapes.forEach(({ figure, media }, index) => {
    keepPosition(media, () => isSought);
    media.addEventListener("ended", () => {
      // What follows on the same page goes on by itself.
      if (tapes[index + 1]?.figure !== figure) return;
      choose(index + 1);
      start(tapes[index + 1]?.media);
      if (status) status.textContent = fill(root.dataset.playing ?? "", { label: tapes[index + 1]?.label ?? "" });
    });
    media.addEventListener("play", () => tapes.forEach((other) => other.media !== media && other.media.pause()));
    media.addEventListener("loadedmetadata", () => mark());
  });
  if (tapes.length > 1) root.append(list);
  addEventListener("hashchange", follow);
  choose(0);
  follow();

  function choose(index: number): void {
    const chosen = tapes[index];
    if (!chosen || index === current) return;
    current = index;
    for (const { figure, media } of tapes) {
      if (media !== chosen.media) media.pause();
      figure.hidden = figure !== chosen.figure;
      media.hidden = media !== chosen.media;
    }
    mark();
  }

  function mark(): void {
    Array.from(list.children).forEach((item, index) => {
      const button = item.querySelector("button");
      if (index === current) button?.setAttribute("aria-current", "true");
      else button?.removeAttribute("aria-current");
    });
  }

  /** Goes to the recording and the moment that the address names. */
  function follow(): void {
    const { name, seconds } = readPlace(location.hash);
    const index = name ? tapes.findIndex(({ figure }) => new URL(`#${figure.id}`, location.href).hash === `#${name}`) : 0;
    if (index < 0) return;
    if (name) choose(index);
    if (seconds !== undefined) seek(index, seconds, false);
  }

  function seek(index: number, seconds: number, play: boolean): void {
    const media = tapes[index]?.media;
    if (!media) return;
    choose(index);
    isSought = true;
    const go = () => {
      media.currentTime = Math.min(seconds, media.duration || seconds);
      if (play) start(media);
    };
    if (media.readyState >= HTMLMediaElement.HAVE_METADATA) go();
    else {
      media.addEventListener("loadedmetadata", go, { once: true });
      if (media.preload === "none" || media.networkState === HTMLMediaElement.NETWORK_EMPTY) media.load();
    }
  }
}

function readTapes(root: HTMLElement): Tape[] {
  return Array.from(root.querySelectorAll<HTMLElement>(".recording")).flatMap((figure) => {
    const media = Array.from(figure.querySelectorAll<HTMLMediaElement>("audio, video"));
    const label = figure.querySelector(".page-label")?.textContent?.trim() ?? "";
    return media.map((media, index) => ({ figure, media, label: index === 0 ? label : `${label} (${index + 1})` }));
  });
}

function tapeList(tapes: Tape[], choose: (index: number) => void): HTMLElement {
  const list = document.createElement("ol");
  list.className = "tapes";
  list.setAttribute("role", "list");
  tapes.forEach(({ media, label }, index) => {
    const [item, button, duration] = [document.createElement("li"), document.createElement("button"), document.createElement("small")];
    const tell = () => (duration.textContent = Number.isFinite(media.duration) ? clock(media.duration) : "");
    button.type = "button";
    button.append(label, " ", duration);
    button.addEventListener("click", () => choose(index));
    media.addEventListener("durationchange", tell);
    tell();
    item.append(button);
    list.append(item);
  });
  return list;
}

/** A browser may refuse to play before the reader has touched the page. */
function start(media: HTMLMediaElement | undefined): void {
  media?.play().catch(() => undefined);
}
