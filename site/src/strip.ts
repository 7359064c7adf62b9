import type { Page } from "./pages";

/** Makes the figures a strip of thumbnails; returns what marks one of them as the current page. */
export function createStrip(element: HTMLElement, pages: Page[], choose: (index: number) => void): (index: number) => void {
  pages.forEach((page, index) => {
    page.link.href = `#${page.anchor}`;
    // The address now names a page on the stage: the browser must not scroll to its thumbnail.
    page.figure.removeAttribute("id");
    page.link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(index);
    });
    // For browsers that do not measure an image themselves ("auto").
    for (const image of page.link.querySelectorAll("img")) image.sizes = "auto, 6rem";
  });
  return (current) => {
    pages.forEach(({ link }, index) => {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    const link = pages[current]?.link;
    if (link) centre(element, link);
  };
}

// Not scrollIntoView: that would scroll the whole page too.
function centre(strip: HTMLElement, child: HTMLElement): void {
  const frame = strip.getBoundingClientRect();
  const box = child.getBoundingClientRect();
  strip.scrollBy({
    left: box.left + box.width / 2 - frame.left - frame.width / 2,
    top: box.top + box.height / 2 - frame.top - frame.height / 2,
  });
}
