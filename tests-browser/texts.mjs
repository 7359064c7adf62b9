// Text for items that have none: parts as docs/text.md describes them, served by the browser in place of the site.
import assert from "node:assert/strict";

/** Lines with a `-` at their end go on in the next one. Each line is a paragraph's if `blocks` names none. */
export function textPage(page, lines, more = {}) {
  const divided = lines.flatMap((line, index) => (/[-⸗]$/.test(line) ? [index] : []));
  return { page, lines, blocks: [0], divided, ...more };
}

/** Boxes of lines, one below the other, with words in a row. */
export function boxesOf({ page, lines }, { width = 1000, height = 1500 } = {}) {
  const step = Math.floor((height - 100) / Math.max(lines.length, 20));
  const packed = lines.map((line, index) => {
    const place = index === 0 ? [100, 100] : [0, step];
    const words = line.split(" ");
    const each = Math.floor((width - 200) / words.length);
    return [...place, width - 200, Math.floor(step * 0.7), ...words.flatMap((_, at) => [at === 0 ? 0 : 10, each - 10])];
  });
  return { page, width, height, lines: packed };
}

/** The files of text, by name, for parts that are lists of pages. */
export function textFiles(parts) {
  const json = (value) => JSON.stringify({ version: 1, ...value });
  const entries = parts.flatMap((pages, index) => pages.map(({ page }) => ({ page, label: page, part: index + 1 })));
  const files = { "index.json": json({ pages: entries, parts: parts.map((pages) => ({ pages: pages.length })) }) };
  parts.forEach((pages, index) => {
    files[`${index + 1}.json`] = json({ pages });
    files[`${index + 1}.boxes.json`] = json({ pages: pages.map((page) => boxesOf(page)) });
  });
  return files;
}

/** Serves `parts` as the text of the item at `address`. The result has the files, and the names of those that fail. */
export async function giveText(context, address, parts) {
  const [files, missing] = [textFiles(parts), new Set()];
  const place = new Map(parts.flatMap((pages, index) => pages.map(({ page }) => [page, index + 1])));
  await context.route((url) => url.href.startsWith(`${address}text/`), (route) => {
    const name = new URL(route.request().url()).pathname.split("/").at(-1);
    if (missing.has(name) || !(name in files)) return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: "application/json", body: files[name] });
  });
  await context.route((url) => url.origin + url.pathname === address, async (route) => {
    const response = await route.fetch();
    const html = (await response.text())
      .replace(/ data-text="\d+"/g, "")
      .replace(/data-page="([^"]*)"/g, (whole, page) => (place.has(page) ? `${whole} data-text="${place.get(page)}"` : whole));
    assert.ok(html.includes("data-text="), "the item has pages for these texts");
    return route.fulfill({ response, body: html });
  });
  return { files, missing };
}
