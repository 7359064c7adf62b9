// How far a reader has come in each recording, from one visit to the next.

const [FROM_START, TO_END] = [5, 10];

/** Goes on where the reader stopped, unless that was at the beginning or the end. `wanted`: there is a place to begin at. */
export function keepPosition(media: HTMLMediaElement, wanted: () => boolean): void {
  let last = 0;
  const note = () => {
    if (Math.abs(media.currentTime - last) < 2 && !media.paused) return;
    last = media.currentTime;
    const isUnderWay = last >= FROM_START && !(last > media.duration - TO_END);
    store(media, isUnderWay ? String(Math.floor(last)) : "");
  };
  const restore = () => {
    const kept = Number(stored(media));
    if (kept > 0 && kept < media.duration && media.currentTime === 0 && !wanted()) media.currentTime = kept;
  };
  for (const event of ["timeupdate", "pause", "seeked"]) media.addEventListener(event, note);
  media.addEventListener("ended", () => store(media, ""));
  if (media.readyState >= HTMLMediaElement.HAVE_METADATA) restore();
  else media.addEventListener("loadedmetadata", restore, { once: true });
}

function key({ currentSrc }: HTMLMediaElement): string {
  return `iiif-build:at:${new URL(currentSrc || location.href, location.href).pathname}`;
}

// A browser that keeps nothing for this site throws.
function store(media: HTMLMediaElement, value: string): void {
  try {
    if (value) localStorage.setItem(key(media), value);
    else localStorage.removeItem(key(media));
  } catch {
    return;
  }
}

function stored(media: HTMLMediaElement): string {
  try {
    return localStorage.getItem(key(media)) ?? "";
  } catch {
    return "";
  }
}
