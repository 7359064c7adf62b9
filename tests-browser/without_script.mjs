// With JavaScript off an item is a page of figures to scroll through.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, until, VIEWS } from "./browser.mjs";

const ITEM = "manuscripts/sapience/";

export function testWithoutScript(world) {
  const visit = (path, view = "desktop") =>
    open(world.browser, world.url + path, { ...VIEWS[view], javaScriptEnabled: false });

  for (const view of Object.keys(VIEWS)) {
    test(`without script an item on a ${view} shows the image of every page`, async () => {
      const page = await visit(ITEM, view);
      const images = await page.locator("figure.page img").all();
      assert.equal(images.length, 3);
      for (const image of images) {
        await image.scrollIntoViewIfNeeded();
        await until("the image is loaded", () => image.evaluate((img) => img.complete && img.naturalWidth > 0));
        const box = await image.boundingBox();
        assert.ok(box.width >= 300 && box.height >= 300, `an image of ${box.width} x ${box.height}`);
      }
      assert.ok(!(await page.locator(".stage").isVisible()), "an empty stage is shown");
      assert.ok(!(await page.locator(".toolbar").isVisible()), "tools that do nothing are shown");
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  test("without script links lead from page to page, to the collection and to the next item", async () => {
    const page = await visit(ITEM);
    const link = (number) => page.locator("figure.page").nth(number).locator(".page-links a").first();
    await link(0).click();
    assert.ok(page.url().endsWith("#page-087r"), page.url());
    assert.ok(await isInView(page, "#page-087r"));
    await page.locator(".breadcrumbs a").last().click();
    assert.equal(page.url(), `${world.url}manuscripts/`);
    await page.locator(".card a").first().click();
    assert.equal(page.url(), world.url + ITEM);
    await close(page);
  });

  for (const path of ["", "books/", ITEM, "books/german/kant-1784/"]) {
    test(`without script every link of /${path} leads somewhere`, async () => {
      const page = await visit(path);
      const links = await page.locator("a[href]").evaluateAll((all) => [...new Set(all.map(({ href }) => href))]);
      const own = links.filter((link) => link.startsWith(world.url));
      assert.ok(own.length > 2, `only ${own}`);
      for (const link of own) {
        const response = await page.request.get(link);
        assert.equal(response.status(), 200, link);
        const anchor = new URL(link).hash.slice(1);
        if (anchor) assert.equal(await page.locator(`[id="${decodeURIComponent(anchor)}"]`).count(), 1, link);
      }
      await close(page);
    });
  }
}

function isInView(page, selector) {
  return page.locator(selector).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
}
