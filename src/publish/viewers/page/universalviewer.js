
// Version 4.4 gives OpenSeadragon pictures for its buttons as data: addresses, and OpenSeadragon puts its default folder before them.
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(address) {
    source.set.call(this, String(address).replace(/^\/images\/data:/, "data:"));
  },
});

start(({ manifest, canvas, xywh }) => {
  place.classList.add("uv");
  UV.init("viewer", { iiifManifestId: manifest, canvasId: canvas, xywh: xywh?.join(",") });
});
