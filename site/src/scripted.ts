// Says before anything is shown that scripts run, and starts the viewer when the first picture has been seen. In a file of
// its own, since a strict Content-Security-Policy forbids inline scripts.

/** Milliseconds after which the viewer does not wait any longer for the picture. */
const PATIENCE = 800;

const page = document.documentElement;
const { viewer } = (document.currentScript as HTMLScriptElement).dataset;

if (viewer && "noModule" in HTMLScriptElement.prototype) {
  page.classList.add("scripted");
  // In a frame of another site: nothing but the viewer.
  if (new URLSearchParams(location.search).has("embed")) page.classList.add("embedded");
  // The picture in the HTML is that of the first page. Nobody who comes for another one should see it.
  if (location.hash.startsWith("#page-")) page.classList.add("elsewhere");
  addEventListener("DOMContentLoaded", () => void seen(document.querySelector<HTMLImageElement>(".stage .picture")).then(() => start(viewer)));
}

/** Resolves when the picture has been painted: the script of the viewer keeps a slow processor busy before it can be. */
function seen(picture: HTMLImageElement | null): Promise<unknown> {
  if (!picture || page.classList.contains("elsewhere")) return Promise.resolve();
  const painted = picture.decode().then(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  return Promise.race([painted.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

function start(address: string): void {
  const script = document.createElement("script");
  script.src = address;
  script.onerror = () => page.classList.remove("scripted", "elsewhere");
  document.head.append(script);
}
