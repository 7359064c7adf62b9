// Fingers on the stage.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, until, VIEWS } from "./browser.mjs";
import { BOOK } from "./scans.mjs";
import { RIGHT_TO_LEFT } from "./site.mjs";
import { isDrawn, shows } from "./viewer.mjs";
import { drawnBox } from "./viewer_place.mjs";

export function testTouch(world) {
  /** A page, and `touch`, which moves one or two fingers along lines over the stage. */
  async function visit(path, options = {}) {
    const page = await open(world.browser, world.url + path, { ...VIEWS.phone, ...options });
    await until("the stage shows a picture", () => isDrawn(page));
    const session = await page.context().newCDPSession(page);
    const { x, y, width, height } = await page.locator(".stage").boundingBox();
    const touch = async (...lines) => {
      const at = (part) => lines.map(([from, to], id) => ({ id, x: x + width * (from[0] + (to[0] - from[0]) * part), y: y + height * (from[1] + (to[1] - from[1]) * part) }));
      await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
      for (let step = 1; step <= 8; step++) {
        await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(step / 8) });
        await page.waitForTimeout(16);
      }
      await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await page.waitForTimeout(1000);
    };
    return Object.assign(page, { touch });
  }
  const TO_LEFT = [[0.8, 0.5], [0.3, 0.52]];
  const TO_RIGHT = [[0.3, 0.5], [0.8, 0.52]];

  test("a swipe turns the page, a short one does not", async () => {
    const page = await visit(`${BOOK}#page-0005`);
    await page.touch(TO_LEFT);
    await shows(page, 5, "#page-0006");
    await page.touch([[0.5, 0.5], [0.45, 0.5]]);
    await shows(page, 5, "#page-0006");
    await page.touch(TO_RIGHT);
    await shows(page, 4, "#page-0005");
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("a swipe in a book read from right to left turns the other way", async () => {
    const page = await visit(RIGHT_TO_LEFT);
    await page.touch(TO_RIGHT);
    await shows(page, 1);
    await close(page);
  });

  test("while a page is seen whole, a finger that moves up scrolls the site and not the image", async () => {
    const page = await visit(`${BOOK}#page-0005`);
    const before = await drawnBox(page);
    await page.touch([[0.5, 0.8], [0.5, 0.2]]);
    assert.ok((await page.evaluate(() => scrollY)) > 100, "the site is scrolled");
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(200);
    const after = await drawnBox(page);
    assert.ok(Math.abs(after.y - before.y) < 3, "the image has not moved");
    await shows(page, 4);
    await close(page);
  });

  test("two fingers zoom, then one moves the image, and turns the page at its edge", async () => {
    const page = await visit(`${BOOK}#page-0005`);
    const before = await drawnBox(page);
    await page.touch([[0.45, 0.5], [0.15, 0.5]], [[0.55, 0.5], [0.85, 0.5]]);
    await until("it is larger", async () => (await drawnBox(page)).width > before.width + 40);
    await page.touch([[0.5, 0.8], [0.5, 0.3]]);
    assert.equal(await page.evaluate(() => scrollY), 0, "the site is not scrolled");
    await shows(page, 4);
    await page.touch([[0.5, 0.5], [0.3, 0.5]]);
    await shows(page, 4);
    for (let swipe = 0; swipe < 4; swipe++) await page.touch(TO_LEFT);
    await until("the edge is reached and the page turned", async () => (await page.locator(".page-select").inputValue()) !== "4");
    await close(page);
  });

  test("a double tap zooms", async () => {
    const page = await visit(`${BOOK}#page-0005`);
    const before = await drawnBox(page);
    const { x, y, width, height } = await page.locator(".stage").boundingBox();
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await until("it is larger", async () => (await drawnBox(page)).height > before.height + 30);
    await close(page);
  });
}
