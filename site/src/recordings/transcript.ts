// The words of a recording beside it: a time leads to its moment, and what is said now is marked.
import { rove } from "../text/roving";
import { clock, parseCues, type Cue } from "./vtt";

/** Adds the transcript of the captions of `figure`, if it has some. */
export function addTranscript(figure: HTMLElement, words: DOMStringMap, seek: (seconds: number) => void): void {
  const media = figure.querySelector<HTMLMediaElement>("audio, video");
  const tracks = Array.from(figure.querySelectorAll("track"));
  if (!media || tracks.length === 0) return;
  const section = document.createElement("section");
  const [heading, list, failed] = [document.createElement("h2"), document.createElement("ol"), document.createElement("p")];
  section.className = "transcript";
  heading.id = `transcript-${figure.id}`;
  heading.textContent = words.transcript ?? "";
  section.setAttribute("aria-labelledby", heading.id);
  list.setAttribute("role", "list");
  failed.textContent = words.transcriptFailed ?? "";
  failed.hidden = true;
  section.append(heading);
  let show: (track: HTMLTrackElement) => void = () => undefined;
  if (tracks.length > 1) section.append(languages(tracks, heading.id, (track) => show(track)));
  section.append(list, failed);
  figure.append(section);

  let cues: Cue[] = [];
  let current = -1;
  const mark = () => {
    const now = indexAt(cues, media.currentTime);
    if (now === current) return;
    list.children[current]?.removeAttribute("aria-current");
    current = now;
    const line = list.children[current] as HTMLElement | undefined;
    line?.setAttribute("aria-current", "true");
    // Only the list, and not while a reader is in it.
    if (line && !list.matches(":hover, :focus-within")) list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 3;
  };
  show = (track) => {
    list.lang = track.srclang;
    list.dir = "auto";
    load(track.src).then(
      (found) => {
        [cues, current] = [found, -1];
        list.replaceChildren(...cues.map((cue, index) => line(figure.id, cue, index === 0)));
        section.hidden = cues.length === 0;
        mark();
      },
      () => (failed.hidden = false),
    );
  };
  media.addEventListener("timeupdate", mark);
  media.addEventListener("seeked", mark);
  list.addEventListener("click", (event) => {
    const index = Array.from(list.children).findIndex((line) => line.contains(event.target as Node));
    const cue = cues[index];
    // Who selects words does not want to leave them.
    if (!cue || event.ctrlKey || event.metaKey || event.shiftKey || getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    list.children[index]?.querySelector("a")?.focus();
    seek(cue.start);
  });
  rove(list, "a");
  show(tracks[0] as HTMLTrackElement);
}

function languages(tracks: HTMLTrackElement[], heading: string, choose: (track: HTMLTrackElement) => void): HTMLElement {
  const select = document.createElement("select");
  select.setAttribute("aria-labelledby", heading);
  select.append(...tracks.map((track) => new Option(track.label || track.srclang)));
  select.addEventListener("change", () => choose(tracks[select.selectedIndex] as HTMLTrackElement));
  return select;
}

/** One tab stop for all lines; arrows move within them. */
function line(id: string, { start, text }: Cue, isFirst: boolean): HTMLElement {
  const [item, link, said] = [document.createElement("li"), document.createElement("a"), document.createElement("span")];
  link.href = `#${id}&t=${Math.floor(start)}`;
  link.textContent = clock(start);
  link.tabIndex = isFirst ? 0 : -1;
  said.textContent = text;
  item.append(link, " ", said);
  return item;
}

/** The last cue that has begun, unless it has ended. */
function indexAt(cues: Cue[], time: number): number {
  let found = -1;
  cues.forEach(({ start }, index) => {
    if (start <= time + 0.05) found = index;
  });
  return (cues[found]?.end ?? 0) > time ? found : -1;
}

async function load(address: string): Promise<Cue[]> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return parseCues(await response.text());
}
