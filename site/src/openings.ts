// Which pages of a book are seen at once when it lies open.
import type { Page } from "./pages";

/**
 * The openings of a book, each with the indexes of its pages in reading order. The first page stands alone, as its cover
 * does, and so does a page that shows two (`facing-pages`) or is none of the book's own (`non-paged`), such as a colour chart.
 */
export function openings(pages: Pick<Page, "behavior">[]): number[][] {
  const found: number[][] = [];
  let left: number | undefined;
  let hasCover = false;
  pages.forEach(({ behavior }, index) => {
    if (behavior || !hasCover) {
      if (left !== undefined) found.push([left]);
      left = undefined;
      found.push([index]);
      if (behavior !== "non-paged") hasCover = true;
    } else if (left === undefined) {
      left = index;
    } else {
      found.push([left, index]);
      left = undefined;
    }
  });
  if (left !== undefined) found.push([left]);
  return found;
}
