// The viewer of an item page: it draws, zooms, turns pages and keeps the address in step.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, settled, until, VIEWS } from "./browser.mjs";
import { ODD_NAME, RIGHT_TO_LEFT } from "./site.mjs";

const MANUSCRIPT = "manuscripts/sapience/";
const ITEMS = [
  "balloon-1786/",
  "books/german/bebel-1879/",
  "books/german/kant-1784/",
  "books/german/mimili-1815/",
  "books/wild-flowers-1920/",
  MANUSCRIPT,
  RIGHT_TO_LEFT,
  ODD_NAME,
];

export function testViewer(world) {
  const visit = (path, options) => open(world.browser, world.url + path, options);

  for (const [view, options] of Object.entries(VIEWS)) {
    test(`the viewer draws the page on a ${view}`, async () => {
      const page = await visit(MANUSCRIPT, options);
      await until("the stage shows a picture", () => isDrawn(page));
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  test("zooming in asks for tiles, down to full resolution", async () => {
    const page = await visit(MANUSCRIPT);
    await until("the stage shows a picture", () => isDrawn(page));
    assert.ok(!tiles(page).some(isFullResolution), "the page at rest needs no full resolution");
    for (let step = 0; step < 8; step++) await page.locator("[data-action=zoom-in]").click();
    await until("a tile of full resolution is asked for", () => tiles(page).some(isFullResolution));
    await settled(page);
    assert.ok(await isDrawn(page));
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  for (const path of ITEMS) {
    test(`every page of ${decodeURIComponent(path)} opens and zooms, and every file it asks for exists`, async () => {
      const page = await visit(path);
      const count = await page.locator(".page-select option").count();
      for (let index = 0; index < count; index++) {
        if (index > 0) await page.locator("[data-action=next]").click();
        await shows(page, index);
        // The zoom of the page before is kept.
        await page.locator(".toolbar [data-action=fit]").click();
        await until(`page ${index} is drawn`, () => isDrawn(page));
        for (let step = 0; step < 3; step++) await page.locator("[data-action=zoom-in]").click();
        await settled(page);
      }
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  test("keys turn the pages and the address follows", async () => {
    const page = await visit(MANUSCRIPT);
    await shows(page, 0, "");
    await page.keyboard.press("ArrowRight");
    await shows(page, 1, "#page-087r");
    await focusStage(page);
    await page.keyboard.press("PageDown");
    await shows(page, 2, "#page-091r");
    await page.keyboard.press("ArrowRight");
    await shows(page, 2, "#page-091r");
    await page.keyboard.press("Home");
    await shows(page, 0, "#page-086r");
    await page.keyboard.press("PageUp");
    await shows(page, 0, "#page-086r");
    await page.keyboard.press("End");
    await shows(page, 2, "#page-091r");
    await close(page);
  });

  test("thumbnails, the list of pages and the buttons turn the pages, and the new page is announced", async () => {
    const page = await visit(MANUSCRIPT);
    await page.locator(".strip .thumbnail").nth(2).click();
    await shows(page, 2, "#page-091r");
    await page.locator("[data-action=previous]").click();
    await shows(page, 1, "#page-087r");
    await page.selectOption(".page-select", "0");
    await shows(page, 0, "#page-086r");
    assert.match(await page.locator("[role=status]").textContent(), /\b1\b.*\b3\b/);
    await close(page);
  });

  test("an address with a page opens that page, and a changed address turns to it", async () => {
    const page = await visit(`${MANUSCRIPT}#page-091r`);
    await shows(page, 2, "#page-091r");
    await page.evaluate(() => (location.hash = "#page-087r"));
    await shows(page, 1, "#page-087r");
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("where one reads from right to left, the left arrow is the next page", async () => {
    const page = await visit(RIGHT_TO_LEFT);
    await shows(page, 0, "");
    await page.keyboard.press("ArrowLeft");
    await shows(page, 1, "#page-0041");
    await page.keyboard.press("ArrowRight");
    await shows(page, 0, "#page-0040");
    await close(page);
  });
}

/** The toolbar, the thumbnails and, where given, the address agree on the page with this index. */
export async function shows(page, index, hash) {
  let state;
  const agrees = async () => {
    state = await page.evaluate(() => ({
      hash: location.hash,
      select: document.querySelector(".page-select").selectedIndex,
      current: Array.from(document.querySelectorAll(".strip [aria-current=true]"), (link) => Number(link.dataset.index)),
    }));
    return state.select === index && state.current.includes(index) && (hash === undefined || state.hash === hash);
  };
  await until(`page ${index} ${hash ?? ""}`, agrees).catch((error) => {
    throw new Error(`${error.message}, but ${JSON.stringify(state)}`);
  });
}

export async function focusStage(page) {
  await page.locator(".stage .openseadragon-canvas").first().click({ position: { x: 300, y: 300 } });
}

/** Whether the canvas holds a picture: reduced to 64 x 64 points it has many different colours. */
export function isDrawn(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector(".stage .openseadragon-canvas canvas");
    if (!canvas?.width) return false;
    const sample = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
    sample.drawImage(canvas, 0, 0, 64, 64);
    const { data } = sample.getImageData(0, 0, 64, 64);
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] > 0) colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
    }
    return colours.size > 30;
  });
}

/** Regions and sizes of the tiles asked for: [x, y, w, h, width, height]. */
function tiles(page) {
  const found = page.requested.map((url) => url.match(/\/(\d+),(\d+),(\d+),(\d+)\/(\d+),(\d+)\/0\/default\.jpg$/));
  return found.filter(Boolean).map((match) => match.slice(1).map(Number));
}

function isFullResolution([, , w, h, width, height]) {
  return w === width && h === height;
}
