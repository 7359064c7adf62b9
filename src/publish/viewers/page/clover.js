
/** What Clover is to open: an address, or a Content State that names a Canvas too. */
function cloverContent({ manifest, canvas, xywh }) {
  if (!canvas) return manifest;
  const id = xywh ? `${canvas}#xywh=${xywh.join(",")}` : canvas;
  const state = JSON.stringify({
    "@context": "http://iiif.io/api/presentation/3/context.json",
    type: "Annotation",
    motivation: ["contentState"],
    target: { id, type: "Canvas", partOf: [{ id: manifest, type: "Manifest" }] },
  });
  return btoa(encodeURIComponent(state)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

start((content) => {
  const viewer = document.createElement("clover-viewer");
  viewer.setAttribute("iiif-content", cloverContent(content));
  place.append(viewer);
});
