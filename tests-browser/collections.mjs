// Collections of any size: pages, orders, jumps, grid and list.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { close, open, VIEWS } from "./browser.mjs";
import { largeContent, MEMBERS, title } from "./large.mjs";
import { violations } from "./pages.mjs";
import { serve } from "./site.mjs";

const SIZES = {
  360: { ...VIEWS.phone, viewport: { width: 360, height: 780 } },
  768: { viewport: { width: 768, height: 1024 } },
  1440: VIEWS.desktop,
};
const SECOND = "archive/page/2/";
const BY_TITLE = "archive/by/title/";

export function testCollections(world) {
  let large;
  let site;
  before(async () => {
    large = await largeContent();
    site = await serve({ folders: { content: large.content } });
  });
  after(async () => {
    await site?.stop();
    await large?.remove();
  });
  const visit = (path, options, prepare) => open(world.browser, site.url + path, options, prepare);

  for (const [width, size] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      test(`a page of a large collection at ${width} px in ${colorScheme} colours is accessible and fits`, async () => {
        for (const path of ["archive/", BY_TITLE]) {
          const page = await visit(path, { ...size, colorScheme });
          assert.deepEqual(await violations(page), []);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
          await page.locator('label[for="view-list"]').click();
          assert.deepEqual(await violations(page), []);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the list scrolls sideways");
          assert.deepEqual(page.problems, []);
          await close(page);
        }
      });
    }
  }

  for (const javaScriptEnabled of [true, false]) {
    const script = javaScriptEnabled ? "with" : "without";
    test(`${script} script a reader goes through all members, page by page`, async () => {
      const page = await visit("archive/", { ...VIEWS.desktop, javaScriptEnabled });
      const seen = [];
      for (;;) {
        seen.push(...(await page.locator(".card-label").allTextContents()));
        const next = page.locator(".pagination a[rel=next]");
        if ((await next.count()) === 0) break;
        await next.click();
        await page.waitForLoadState();
      }
      assert.deepEqual(seen.map((text) => text.trim()), Array.from({ length: MEMBERS }, (_, number) => title(number)));
      assert.equal((await page.locator(".list-shown").textContent()).trim(), "121–130 of 130");
      await page.goBack();
      assert.ok(page.url().endsWith(SECOND), page.url());
      await close(page);
    });

    test(`${script} script a reader sorts by title and jumps to a letter`, async () => {
      const page = await visit("archive/", { ...VIEWS.desktop, javaScriptEnabled });
      await page.locator(".orders a", { hasText: "Title" }).click();
      assert.ok(page.url().endsWith(BY_TITLE), page.url());
      assert.equal((await page.locator(".card-label").first().textContent()).trim(), "Atlas 1");
      await page.locator(".jumps a", { hasText: "Z" }).click();
      const target = page.locator("#at-letter-Z");
      assert.equal((await target.locator(".card-label").textContent()).trim(), "Zeitung 0");
      assert.ok(await inView(target), "the first of the letter is on the screen");
      await close(page);
    });

    test(`${script} script a reader chooses between grid and list`, async () => {
      const page = await visit("archive/", { ...VIEWS.desktop, javaScriptEnabled });
      const across = () => page.locator(".members > .card").evaluateAll((cards) => {
        const [first, second] = cards.map((card) => card.getBoundingClientRect());
        return first.top === second.top;
      });
      const shelfmark = page.locator(".card-shelfmark").first();
      assert.ok((await across()) && !(await shelfmark.isVisible()), "it begins as a grid");
      await page.locator('label[for="view-list"]').click();
      assert.ok(!(await across()) && (await shelfmark.isVisible()), "the list shows shelfmarks");
      await page.locator('label[for="view-grid"]').click();
      assert.ok(await across());
      await close(page);
    });
  }

  test("of many centuries those on the page have decades to jump to", async () => {
    const page = await visit("decades/by/date/");
    const links = (list) => page.locator(`.jumps ul${list} a`).allTextContents();
    assert.deepEqual((await links(":not(.decades)")).map((text) => text.trim()), ["1400–1499", "1500–1599", "1600–1699", "1700–1799", "1800–1899"]);
    assert.equal((await links(".decades")).length, 40);
    await page.locator(".decades a", { hasText: "1730s" }).click();
    const target = page.locator(".card:target");
    assert.match(await target.textContent(), /number 25\b/);
    const { y } = await target.boundingBox();
    assert.ok(y >= 8, `its frame begins at ${y - 8}`);
    assert.equal(new Set(await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id))).size, await page.locator("[id]").count());
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  test("decades take one row of a phone", async () => {
    const page = await visit("decades/by/date/", SIZES[360]);
    const { height } = await page.locator(".jumps .decades").boundingBox();
    assert.ok(height < 70, `${height}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  test("titles that differ at their end can be told apart on a phone", async () => {
    const page = await visit("decades/", SIZES[360]);
    const cut = await page.locator(".card-label").evaluateAll((all) => all.filter((label) => label.scrollHeight > label.clientHeight + 2).length);
    assert.equal(cut, 0);
    await close(page);
  });

  test("the choice of grid or list is remembered, and there before the page is drawn", async () => {
    const page = await visit("archive/");
    await page.locator("#view-grid").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator("#view-list").isChecked(), true);
    await page.goto(site.url + SECOND, { waitUntil: "commit" });
    await page.locator(".members > .card").first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.view), "list");
    await page.waitForLoadState();
    assert.equal(await page.locator("#view-list").isChecked(), true);
    assert.ok(await page.locator(".card-shelfmark").first().isVisible());
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("a browser that keeps nothing shows a grid, and the list on demand", async () => {
    const page = await visit("archive/", VIEWS.desktop, (context) =>
      context.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new Error("forbidden"); } })));
    await page.locator('label[for="view-list"]').click();
    assert.ok(await page.locator(".card-shelfmark").first().isVisible());
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("with the keyboard alone every control of a collection is reached, and seen", async () => {
    const page = await visit(SECOND, { ...VIEWS.desktop, forcedColors: "active" });
    const reached = new Set();
    for (let presses = 0; presses < 90; presses++) {
      await page.keyboard.press("Tab");
      const found = await page.evaluate(() => {
        const element = document.activeElement;
        const shown = element.matches("input") ? element.nextElementSibling : element;
        const { outlineStyle, outlineWidth } = getComputedStyle(shown);
        const places = [".orders", ".views", ".cards", ".pagination", ".skip-link", ".site-title", ".breadcrumbs"];
        const place = places.find((selector) => element.closest(selector));
        return { place, visible: outlineStyle !== "none" && parseFloat(outlineWidth) > 0 };
      });
      if (!found.place) continue;
      assert.ok(found.visible, `focus in ${found.place} is not seen`);
      reached.add(found.place);
    }
    assert.deepEqual([...reached].sort(), [".breadcrumbs", ".cards", ".orders", ".pagination", ".site-title", ".skip-link", ".views"]);
    await close(page);
  });

  test("a page of a collection is small, and moves nothing once it is shown", async () => {
    const page = await visit(SECOND);
    const { html, shift } = await page.evaluate(async () => ({
      html: (await (await fetch(location.href)).text()).length,
      shift: await new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (sum += value))).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 300);
      }),
    }));
    assert.ok(html < 100_000, `${html} characters`);
    assert.ok(shift < 0.02, `layout shift ${shift}`);
    await close(page);
  });

  test("printed, a collection has its cards and no controls", async () => {
    const page = await visit(SECOND);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".list-bar").isVisible(), false);
    assert.equal(await page.locator(".pagination").isVisible(), false);
    assert.ok(await page.locator(".card").first().isVisible());
    await close(page);
  });
}

function inView(locator) {
  return locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
}
