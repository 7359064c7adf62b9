// Every kind of page, on a desktop and on a phone: accessible, self-contained, whole.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { close, open, VIEWS } from "./browser.mjs";
import { ODD_NAME, RIGHT_TO_LEFT } from "./site.mjs";

const AXE = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

const PAGES = {
  "the home page": "",
  "a collection": "books/",
  "an item": "manuscripts/sapience/",
  "an item read from right to left": RIGHT_TO_LEFT,
  "an item with an odd name": ODD_NAME,
};

export function testPages(world) {
  for (const [name, path] of Object.entries(PAGES)) {
    for (const [view, options] of Object.entries(VIEWS)) {
      test(`${name} on a ${view} is accessible, complete and asks no other host`, async () => {
        const page = await open(world.browser, world.url + path, options);
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(page.problems, []);
        assert.ok(await fitsItsWidth(page), "the page scrolls sideways");
        await close(page);
      });
    }
    test(`${name} in dark colours is accessible`, async () => {
      const page = await open(world.browser, world.url + path, { ...VIEWS.desktop, colorScheme: "dark" });
      assert.deepEqual(await violations(page), []);
      await close(page);
    });
  }

  test("an address that does not exist shows a page that leads home", async () => {
    const page = await open(world.browser, `${world.url}books/nothing/here/`);
    assert.deepEqual(await violations(page), []);
    await page.locator("main a").first().click();
    assert.equal(page.url(), world.url);
    await close(page);
  });
}

/** What axe finds: what it calls serious or critical, or "every impact". */
export async function violations(page, which = "serious") {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document));
  return violations
    .filter(({ impact }) => which === "every impact" || impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
}

function fitsItsWidth(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
}
