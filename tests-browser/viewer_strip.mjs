// The thumbnails of an item: one stop of the Tab key, and only those near what is seen. The grid of all pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, settled, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { BOOK, LONG, LONG_PAGES } from "./scans.mjs";
import { RIGHT_TO_LEFT } from "./site.mjs";
import { focusStage, shows } from "./viewer.mjs";

export function testStrip(world) {
  const visit = (path, options) => open(world.browser, world.url + path, options);
  const focused = (page) => page.evaluate(() => document.activeElement.closest(".thumbnail")?.dataset.index);
  const alive = (page) => page.locator(".strip .thumbnail").count();

  for (const [view, options] of Object.entries(VIEWS)) {
    test(`the strip of a long item on a ${view} is one stop of the Tab key, and keys move in it`, async () => {
      const page = await visit(LONG, options);
      assert.equal(await page.locator(".strip .thumbnail[tabindex='0']").count(), 1);
      await page.locator(".strip .thumbnail[tabindex='0']").focus();
      const press = async (key, index) => {
        await page.keyboard.press(key);
        await until(`${key} leads to ${index}`, async () => (await focused(page)) === String(index));
        assert.equal(await page.locator(".strip .thumbnail[tabindex='0']").count(), 1);
      };
      await press("ArrowDown", 1);
      await press("ArrowRight", 2);
      await press("ArrowLeft", 1);
      await press("End", LONG_PAGES - 1);
      await press("ArrowUp", LONG_PAGES - 2);
      await press("Home", 0);
      await page.keyboard.press("PageDown");
      const index = Number(await focused(page));
      assert.ok(index > 1 && index < 40, `a screen further: ${index}`);
      await shows(page, 0, "");
      await page.keyboard.press("Enter");
      await shows(page, index);
      assert.ok(await isSeen(page, `.strip [data-index='${index}']`), "the thumbnail is in view");
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  test("only thumbnails near what is seen are there, in their order", async () => {
    const page = await visit(LONG);
    assert.ok((await alive(page)) <= 60, `${await alive(page)} thumbnails`);
    await page.locator(".strip").evaluate((strip) => (strip.scrollTop = strip.scrollHeight / 2));
    await page.locator(`.strip [data-index='${LONG_PAGES / 2}']`).waitFor();
    assert.ok((await alive(page)) <= 60, `${await alive(page)} thumbnails`);
    const places = await page.locator(".strip li").evaluateAll((all) => all.map((item) => Number(item.ariaPosInSet)));
    assert.deepEqual(places, [...places].sort((a, b) => a - b), "in their order");
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    assert.ok(nodes < 1200, `${nodes} elements for ${LONG_PAGES} pages`);
    await close(page);
  });

  test("a thumbnail is the smallest file that is published", async () => {
    const page = await visit("manuscripts/sapience/");
    const shown = await page.locator(".strip img").evaluateAll((all) => all.map((img) => [img.naturalWidth, img.src.match(/full\/.*/)[0]].join()));
    assert.deepEqual(shown, Array(3).fill("90,full/90,/0/default.jpg"));
    const bytes = await page.evaluate(() => {
      const files = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/full/90,/"));
      return files.map(({ encodedBodySize }) => encodedBodySize);
    });
    assert.ok(bytes.length === 3 && Math.max(...bytes) < 6000, String(bytes));
    await close(page);
  });

  test("names of parts stand over their thumbnails, and that of what is seen at the top", async () => {
    const page = await visit(`${LONG}#page-0060`);
    await until("the part is named", async () => (await page.locator(".strip-section").textContent()) === "Chapter 3");
    await page.locator(".strip").evaluate((strip) => (strip.scrollTop = 0));
    // The thumbnails that were there are taken out a moment after the strip has moved.
    await until("the first part is named", async () => (await page.locator(".strip li > p").first().textContent()) === "Chapter 1");
    await close(page);
  });

  test("the strip can be put away, and stays away", async () => {
    const page = await visit(BOOK);
    await focusStage(page);
    await page.keyboard.press("m");
    assert.ok(!(await page.locator(".strip").isVisible()));
    await page.reload({ waitUntil: "networkidle" });
    assert.ok(!(await page.locator(".strip").isVisible()));
    await focusStage(page);
    await page.keyboard.press("m");
    assert.ok(await page.locator(".strip").isVisible());
    assert.ok((await alive(page)) > 3);
    await close(page);
  });

  for (const [view, options] of Object.entries({ ...VIEWS, narrow: { ...VIEWS.phone, viewport: { width: 360, height: 740 } } })) {
    test(`all pages on a ${view} are seen at once, found by their names, and opened with the keyboard`, async () => {
      const page = await visit(LONG, options);
      await focusStage(page);
      await page.keyboard.press("g");
      await until("the current page has the focus", async () => (await focused(page)) === "0");
      assert.equal(await page.locator(".grid .thumbnail").count(), LONG_PAGES);
      assert.deepEqual(await page.locator(".grid h2").allTextContents(), [1, 2, 3, 4, 5].map((part) => `Chapter ${part}`));
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowDown");
      const below = Number(await focused(page));
      assert.ok(below > 2 && below < 15, `in the row below: ${below}`);
      await page.keyboard.press("Enter");
      await shows(page, below);
      assert.ok(!(await page.locator(".grid").isVisible()));

      await page.locator("[data-action=grid]").first().click();
      await page.locator(".grid input").fill("007");
      assert.equal(await page.locator(".grid .thumbnail:visible").count(), 11);
      await page.locator(".grid input").fill("0077");
      await page.keyboard.press("Enter");
      await shows(page, 76, "#page-0077");
      await page.locator("[data-action=grid]").first().click();
      await page.locator(".grid input").fill("no such page");
      await page.locator(".grid > p").waitFor();
      await page.keyboard.press("Escape");
      assert.ok(!(await page.locator(".grid").isVisible()));
      assert.equal(await page.evaluate(() => document.activeElement.dataset.action), "grid");
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  test("where one reads from right to left, the strip and the grid begin at the right", async () => {
    const page = await visit(RIGHT_TO_LEFT, VIEWS.phone);
    const [first, second] = [await page.locator(".strip .thumbnail").nth(0).boundingBox(), await page.locator(".strip .thumbnail").nth(1).boundingBox()];
    assert.ok(first.x > second.x, `${first.x} ${second.x}`);
    await page.locator(".strip .thumbnail").first().focus();
    await page.keyboard.press("ArrowLeft");
    await until("the next page has the focus", async () => (await focused(page)) === "1");
    await close(page);
  });

  test("without script a long item has a link to each page, and its figures on pages of their own", async () => {
    const page = await visit(LONG, { ...VIEWS.desktop, javaScriptEnabled: false });
    assert.ok(await page.locator(".stage .picture").isVisible());
    assert.equal(await page.locator(".pages li a").count(), LONG_PAGES);
    assert.equal(await page.locator("figure.page").count(), 0);
    assert.deepEqual(page.problems, []);
    await page.locator(".pages li a").nth(76).click();
    assert.equal(page.url(), `${world.url}${LONG}pages/2/#page-0077`);
    assert.ok(await page.locator("#page-0077 img").isVisible());
    await page.locator("#page-0077").getByText("Second scribe").waitFor();
    await page.locator(".neighbours a[rel=next]").click();
    assert.equal(await page.locator("figure.page").count(), 30);
    await page.locator(".breadcrumbs a").last().click();
    assert.equal(page.url(), world.url + LONG);
    await close(page);
  });

  test("pages with figures are accessible", async () => {
    const page = await visit(`${LONG}pages/`);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("what is known about a page of a long item comes from the page with its figure", async () => {
    const page = await visit(`${LONG}#page-0077`);
    await page.locator(".page-details").getByText("Second scribe").waitFor();
    assert.equal(await page.locator(".page-details h2").textContent(), "About page 0077");
    await page.keyboard.press("ArrowRight");
    await until("the next page has none", async () => !(await page.locator(".page-details").isVisible()));
    await close(page);
  });

  for (const forcedColors of ["active", "none"]) {
    test(`the current thumbnail is marked ${forcedColors === "active" ? "in forced colours" : "by an outline"}`, async () => {
      const page = await visit(BOOK, { ...VIEWS.desktop, forcedColors });
      const style = await page.locator(".strip [aria-current] > :first-child").evaluate((picture) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(picture);
        return `${outlineStyle} ${outlineWidth}`;
      });
      assert.match(style, /^solid [23]px$/);
      await focusStage(page);
      await page.keyboard.press("m");
      await page.keyboard.press("m");
      const ring = await page.locator(".stage").evaluate((stage) => {
        const { outlineStyle, outlineOffset } = getComputedStyle(stage, "::after");
        return `${outlineStyle} ${outlineOffset}`;
      });
      assert.equal(ring, "solid -4px", "the ring of the stage is not cut off");
      assert.deepEqual(await violations(page), []);
      await close(page);
    });
  }
}

function isSeen(page, selector) {
  return page.locator(selector).evaluate((element) => {
    const [box, frame] = [element.getBoundingClientRect(), element.closest(".strip").getBoundingClientRect()];
    return box.bottom > frame.top && box.top < frame.bottom && box.right > frame.left && box.left < frame.right;
  });
}
