// Says before anything is shown that scripts run, and takes it back if the viewer cannot be had. In a file of its own,
// since a strict Content-Security-Policy forbids inline scripts.
const page = document.documentElement;

if ("noModule" in document.createElement("script")) {
  page.classList.add("scripted");
  // In a frame of another site: nothing but the viewer.
  if (new URLSearchParams(location.search).has("embed")) page.classList.add("embedded");
  // The picture in the HTML is that of the first page. Nobody who comes for another one should see it.
  if (location.hash.startsWith("#page-")) page.classList.add("elsewhere");
  addEventListener(
    "error",
    ({ target }) => {
      if (target instanceof HTMLScriptElement && "viewer" in target.dataset) page.classList.remove("scripted", "elsewhere");
    },
    true,
  );
}
