// Which page the viewer shows: the picture before any script, the page to begin with, gaps, addresses and history.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, settled, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { BOOK, LONG } from "./scans.mjs";
import { isDrawn, focusStage, shows } from "./viewer.mjs";

const MANUSCRIPT = "manuscripts/sapience/";
/** What a host may ask for: nothing that stands in the HTML itself is run. */
const STRICT = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'";

export function testPlace(world) {
  const visit = (path, options, prepare) => open(world.browser, world.url + path, options, prepare);
  const withoutViewer = (context) => context.route(/assets\/viewer-/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));

  for (const [view, options] of Object.entries(VIEWS)) {
    test(`the first picture is on the stage before the viewer on a ${view}, as large as the viewer draws it`, async () => {
      const context = await world.browser.newContext(options);
      let go;
      const held = new Promise((resolve) => (go = resolve));
      await context.route(/assets\/viewer-/, async (route) => {
        await held;
        await route.continue();
      });
      const page = await context.newPage();
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
      });
      await page.goto(world.url + MANUSCRIPT, { waitUntil: "commit" });
      const picture = page.locator(".stage .picture");
      await until("the picture is loaded", () => picture.evaluate((img) => img.complete && img.naturalWidth > 0));
      const before = await picture.evaluate((img) => {
        const { x, y, width, height } = img.getBoundingClientRect();
        const scale = Math.min(width / img.naturalWidth, height / img.naturalHeight);
        const size = [img.naturalWidth * scale, img.naturalHeight * scale];
        return { x: x + (width - size[0]) / 2, y: y + (height - size[1]) / 2, width: size[0], height: size[1] };
      });
      go();
      await until("the viewer has taken over", () => picture.evaluate((img) => img.matches(".done")));
      const after = await drawnBox(page);
      for (const side of ["x", "y", "width", "height"]) {
        assert.ok(Math.abs(before[side] - after[side]) <= 3, `${side}: ${JSON.stringify({ before, after })}`);
      }
      assert.ok((await page.evaluate(() => window.shift)) <= 0.02, "the page has shifted");
      await context.close();
    });
  }

  test("who comes for another page never sees the first one", async () => {
    const page = await visit(`${MANUSCRIPT}#page-091r`, VIEWS.desktop, withoutViewer);
    assert.ok(!(await page.locator(".stage .picture").isVisible()));
    await close(page);
  });

  test("heading and metadata come before the list of pages, and the info.json of the first picture is asked for early", async () => {
    const html = await (await fetch(world.url + LONG)).text();
    const places = ["<h1", 'class="picture"', 'id="about"', '<ol class="pages'].map((part) => html.indexOf(part));
    assert.ok(places.every((place, index) => place > (places[index - 1] ?? 0)), String(places));
    assert.match(html, /<link rel="preload" as="fetch" crossorigin href="[^"]+\/info\.json">/);
    const page = await visit(LONG);
    const asked = page.requested.filter((address) => /long_0001\/info\.json$/.test(address));
    assert.equal(asked.length, 1, "what is preloaded is used");
    await close(page);
  });

  test("a strict content security policy leaves the viewer whole: nothing inline is run", async () => {
    const html = await (await fetch(world.url + BOOK)).text();
    assert.ok(!/<script(?![^>]*\b(src=|type="application\/ld\+json"))/.test(html), "an inline script");
    assert.ok(!/\son\w+=/.test(html), "an inline handler");
    const page = await visit(BOOK, VIEWS.desktop, async (context) => {
      await context.route((url) => url.href.startsWith(world.url + BOOK), async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": STRICT } });
      });
    });
    await until("the stage shows a picture", () => isDrawn(page));
    await page.locator("[data-action=grid]").first().click();
    await page.locator(".grid .thumbnail").first().waitFor();
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("if the script of the viewer cannot be had, the figures are there", async () => {
    const page = await visit(MANUSCRIPT, VIEWS.desktop, (context) => context.route(/assets\/viewer-/, (route) => route.abort()));
    assert.ok(await page.locator("figure.page img").first().isVisible());
    assert.ok(!(await page.locator(".toolbar").isVisible()));
    await close(page);
  });

  test("an item begins with the page that its description names", async () => {
    const page = await visit(BOOK);
    await shows(page, 1, "");
    assert.match(await page.locator(".page-number").textContent(), /2 \/ 8/);
    await close(page);
  });

  test("a missing page is counted, named in the list, and is a sheet of paper on the stage and in the strip", async () => {
    const page = await visit(BOOK);
    assert.deepEqual(await page.locator(".page-select option").allTextContents(), ["cover", "1", "2", "foldout", "3", "4", "5", "chart"]);
    await page.locator("[data-action=next]").click();
    await shows(page, 2, "#page-0003");
    const sheet = page.locator(".gap-sheet");
    assert.match(await sheet.textContent(), /No image of 2/);
    const { width, height } = await sheet.boundingBox();
    assert.ok(height > 300 && Math.abs(width / height - 0.75) < 0.02, `${width} x ${height}`);
    assert.equal(await page.locator(".openseadragon-canvas").first().getAttribute("aria-label"), "No image of 2");
    const box = await page.locator(".thumbnail-gap").boundingBox();
    assert.ok(box.width > 80 && box.height > 100, "as large as a thumbnail");
    await page.locator(".page-details").getByText("Lost in 1790").waitFor();
    await page.locator(".contents a").nth(1).click();
    await shows(page, 3, "#page-0004");
    assert.equal(await page.locator(".gap-sheet").count(), 0);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("back leads through jumps and not through pages that were turned", async () => {
    const page = await visit(BOOK);
    await page.locator(".contents a").nth(2).click();
    await shows(page, 4, "#page-0005");
    await page.locator("[data-action=next]").click();
    await page.locator("[data-action=next]").click();
    await shows(page, 6, "#page-0007");
    await page.selectOption(".page-select", "0");
    await shows(page, 0, "#page-0001");
    await page.goBack();
    await shows(page, 6, "#page-0007");
    await page.goBack();
    await shows(page, 1, "");
    await page.goForward();
    await shows(page, 6, "#page-0007");
    await close(page);
  });

  test("a fragment that names nothing shows the page to begin with", async () => {
    for (const fragment of ["page-9999", "%", "page-%F0%9F", "<img src=x onerror=alert(1)>"]) {
      const page = await visit(`${BOOK}#${fragment}`);
      await shows(page, 1);
      assert.deepEqual(page.problems, [], fragment);
      await close(page);
    }
    const page = await visit(`${BOOK}#page-0005`);
    await page.evaluate(() => (location.hash = "#about"));
    await page.waitForTimeout(200);
    await shows(page, 4, "#about");
    await page.evaluate(() => (location.hash = "#nothing"));
    await shows(page, 1, "#nothing");
    await close(page);
  });

  test("the title names the page", async () => {
    const page = await visit(BOOK);
    assert.match(await page.title(), /^p\. 1 · A book with everything · /);
    await page.keyboard.press("ArrowLeft");
    await until("the title follows", async () => (await page.title()).startsWith("p. cover · A book"));
    await close(page);
    const single = await visit("balloon-1786/");
    assert.ok(!(await single.title()).startsWith("p."), "an item with one page has no need");
    await close(single);
  });

  test("the entry of the contents in which the page is is marked, and a tap on one brings the stage into view", async () => {
    const page = await visit(BOOK, VIEWS.phone);
    const marked = () => page.locator(".contents [aria-current=location]").allTextContents();
    assert.deepEqual(await marked(), ["First part"]);
    await page.locator(".contents a").nth(2).tap();
    await shows(page, 4, "#page-0005");
    assert.deepEqual(await marked(), ["A chapter within"]);
    await until("the stage is in view", () => page.locator(".stage").evaluate((stage) => {
      const { top, bottom } = stage.getBoundingClientRect();
      return top >= -1 && bottom <= innerHeight;
    }));
    assert.ok(await page.evaluate(() => document.activeElement.closest(".stage") !== null), "and has the focus");
    await page.locator(".page-select").selectOption("3");
    await until("another part", async () => (await marked())[0] === "Second part");
    await close(page);
  });

  test("zoom and place stay while pages of one shape are turned, and rotation stays always", async () => {
    const page = await visit(`${BOOK}#page-0005`);
    await until("the stage shows a picture", () => isDrawn(page));
    for (let step = 0; step < 3; step++) await page.locator("[data-action=zoom-in]").click();
    await page.waitForTimeout(900);
    const before = await drawnBox(page);
    await page.locator("[data-action=next]").click();
    await shows(page, 5);
    await settled(page);
    await page.waitForTimeout(300);
    const after = await drawnBox(page);
    assert.ok(Math.abs(after.width - before.width) < 2 && Math.abs(after.x - before.x) < 2, JSON.stringify({ before, after }));
    await page.keyboard.press("ArrowLeft");
    await focusStage(page);
    await page.keyboard.press("r");
    await until("it is said", async () => (await page.locator(".viewer > [role=status]").textContent()) === "Rotated 90°");
    await page.keyboard.press("Shift+R");
    await page.keyboard.press("Shift+R");
    await until("it is said", async () => (await page.locator(".viewer > [role=status]").textContent()) === "Rotated 270°");
    await page.keyboard.press("ArrowLeft");
    await shows(page, 3);
    await page.waitForTimeout(900);
    const foldout = await drawnBox(page);
    assert.ok(foldout.height > foldout.width, "the foldout, which is wide, still stands on its side");
    const stage = await page.locator(".stage").boundingBox();
    assert.ok(foldout.height <= stage.height, "a page of another shape is seen whole");
    await close(page);
  });
}

/** Where the page is drawn on the screen: the bounds of what the canvas holds. */
export function drawnBox(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector(".stage .openseadragon-canvas canvas");
    const frame = canvas.getBoundingClientRect();
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let [left, right, top, bottom] = [width, 0, height, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (data[(y * width + x) * 4 + 3] < 128) continue;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y + 1);
      }
    }
    const scale = frame.width / width;
    return { x: frame.x + left * scale, y: frame.y + top * scale, width: (right - left) * scale, height: (bottom - top) * scale };
  });
}
