
// Version 3.3 as a web component breaks at any Content State, and at its list of annotations, which page.css hides: its bundle has
// one name for two things. So the Canvas is chosen as a reader would choose it.
function turnTo(canvas) {
  const observer = new MutationObserver(() => {
    const buttons = Array.from(document.querySelectorAll("button[role=radio]"));
    const button = buttons.find(({ value }) => value === canvas);
    if (!button) return;
    observer.disconnect();
    button.click();
  });
  observer.observe(place, { childList: true, subtree: true });
}

start(({ manifest, canvas }) => {
  const viewer = document.createElement("clover-viewer");
  viewer.setAttribute("iiif-content", manifest);
  place.append(viewer);
  if (canvas) turnTo(canvas);
});
