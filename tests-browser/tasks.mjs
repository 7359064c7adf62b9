// What stopped readers who tried the site for the first time: each of these tests failed before it was mended.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { BOOK, LONG } from "./scans.mjs";
import { load } from "./search.mjs";
import { WITH_TEXT } from "./site.mjs";
import { TAKE_AWAY } from "./take_aways.mjs";
import { isDrawn, shows } from "./viewer.mjs";

const PHONE = { ...VIEWS.phone, viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 };

export function testTasks(world) {
  const visit = (path, options, prepare) => open(world.browser, world.url + path, options, prepare);

  test("of the tiles of a page none covers a part of its neighbour, and no gap is between them", async () => {
    const page = await visit(BOOK, PHONE, (context) => context.addInitScript(recordTiles));
    await until("the stage shows a picture", () => isDrawn(page));
    await page.waitForTimeout(800);
    const tiles = await page.evaluate(() => window.drawnTiles);
    const inner = tiles.filter(({ x }) => tiles.some((other) => Math.abs(other.x + other.width - x) < 20 && other.x < x - 20));
    assert.ok(inner.length > 0, `several columns of tiles: ${JSON.stringify(tiles)}`);
    for (const { x } of inner) {
      const ends = tiles.filter((other) => other.x < x - 20).map((other) => Math.abs(other.x + other.width - x));
      assert.ok(Math.min(...ends) < 0.01, `a seam at ${x}: ${JSON.stringify(tiles)}`);
    }
    await close(page);
  });

  test("that something was copied stands where the reader looks, also between long citations on a phone", async () => {
    const page = await visit(TAKE_AWAY, { ...PHONE, permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator(".references summary").click();
    for (const selector of [".citation", "[data-format=bibtex]", "[data-format=csl-json]"]) {
      await page.locator(`[data-copy='${selector}']`).click();
      const told = page.locator(".take-away .copy-told:not(:empty)");
      // It also stands at the button of before until it moves.
      const says = async () => (await told.count()) === 1 && (await told.textContent()) === "Copied" && (await inView(told));
      await until(`it says so at ${selector}`, says);
    }
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  test("on a phone the files of the whole item are on the screen when the menu opens", async () => {
    const page = await visit(TAKE_AWAY, PHONE);
    await page.locator("[data-menu=downloads]").click();
    await page.locator(".menu-page").first().waitFor();
    assert.ok(await inView(page.locator(".menu [role=menuitem]", { hasText: "PDF" })));
    assert.ok(await inView(page.locator(".menu [role=menuitem]", { hasText: "IIIF manifest" })));
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    assert.ok(!(await page.locator(".menu").isVisible()));
    await close(page);
  });

  test("files are named by what they are, not by media types", async () => {
    const page = await visit(TAKE_AWAY);
    const links = (await page.locator(".about .links").textContent()).replace(/\s+/g, " ");
    assert.match(links, /Full text TXT/);
    assert.doesNotMatch(links, /application\/|text\/plain|PDF PDF/);
    await close(page);
  });

  for (const [view, options] of Object.entries({ desktop: VIEWS.desktop, phone: PHONE })) {
    test(`all pages of a long book open at the page that is read, on a ${view}`, async () => {
      const page = await visit(`${LONG}#page-0097`, options);
      await shows(page, 96, "#page-0097");
      await page.locator(".toolbar [data-action=grid]").click();
      const current = page.locator(".grid [aria-current]");
      await until("it is on the screen", () => inside(current, ".grid"));
      await page.waitForTimeout(300);
      assert.ok(await inside(current, ".grid"), "and stays there");
      if (view === "phone") {
        const { height } = await page.locator(".grid").boundingBox();
        assert.ok(height > options.viewport.height * 0.5, `the grid is ${height} high`);
      }
      await close(page);
    });
  }

  test("a search says which hit is shown, and a tap leaves no second hit marked", async () => {
    const page = await visit(`${WITH_TEXT}?q=d`, PHONE);
    const hits = page.locator(".hits a");
    await until("there are hits", async () => (await hits.count()) > 1);
    await hits.nth(1).tap();
    await until("it says which", async () => / · 2 of \d+$/.test(await page.locator(".search-summary").textContent()));
    const backgrounds = await hits.evaluateAll((all) => all.map((hit) => getComputedStyle(hit).backgroundColor));
    assert.equal(backgrounds.filter((colour) => colour !== "rgba(0, 0, 0, 0)").length, 1, String(backgrounds));
    await close(page);
  });

  test("with forced colours the hit that is shown differs from the others", async () => {
    const page = await visit(`${WITH_TEXT}?q=d`, { ...VIEWS.desktop, forcedColors: "active" });
    const hits = page.locator(".hits a");
    await until("there are hits", async () => (await hits.count()) > 1);
    await hits.nth(1).click();
    const borders = await hits.evaluateAll((all) => all.map((hit) => getComputedStyle(hit).borderInlineStartColor));
    assert.notEqual(borders[1], borders[0]);
    await close(page);
  });

  test("the word that was found keeps its ink", async () => {
    const page = await visit(`${WITH_TEXT}?q=Muth`);
    await page.locator(".hits a").first().click();
    const box = page.locator(".hit-box.current");
    await box.waitFor();
    assert.equal(await box.evaluate((element) => getComputedStyle(element).backgroundColor), "rgba(0, 0, 0, 0)");
    await close(page);
  });

  test("where a page has no text there is nothing to select on it", async () => {
    const page = await visit(WITH_TEXT);
    await page.locator("[data-action=text]").click();
    const button = page.locator("[data-action=select-text]");
    await page.locator(".line").first().waitFor();
    assert.ok(await button.isVisible());
    await page.locator("[data-action=next]").click();
    await page.locator(".panel-empty").waitFor();
    assert.ok(!(await button.isVisible()));
    await close(page);
  });

  test("an embedded viewer is no wider than the page around it", async () => {
    const page = await visit(BOOK);
    await page.locator(".share summary").click();
    await until("there is code", async () => (await page.locator("#share-embed").inputValue()).startsWith("<iframe"));
    const code = await page.locator("#share-embed").inputValue();
    const phone = await (await world.browser.newContext(PHONE)).newPage();
    await phone.setContent(`<!doctype html><meta name="viewport" content="width=device-width"><body>${code}`);
    const { width } = await phone.locator("iframe").boundingBox();
    assert.ok(width <= 360, `${width} pixels`);
    await close(phone);
    await close(page);
  });

  test("a printed item does not name files that paper cannot open", async () => {
    const page = await visit(TAKE_AWAY);
    await page.emulateMedia({ media: "print" });
    assert.ok(!(await page.getByText("IIIF manifest").first().isVisible()));
    assert.ok(!(await page.locator(".links").getByText("Full text").isVisible()));
    assert.ok(await page.locator(".links [rel=license]").isVisible());
    await close(page);
  });

  test("without script the way to all pages of a long item is below its title", async () => {
    for (const options of [VIEWS.desktop, PHONE]) {
      const page = await visit(LONG, { ...options, javaScriptEnabled: false });
      const way = page.getByRole("link", { name: "All pages" });
      assert.ok(await inView(way));
      await way.click();
      assert.ok(await inView(page.locator(".page-links-only a").first()));
      assert.deepEqual(page.problems, []);
      await close(page);
    }
  });

  const printing = (path, options = VIEWS.desktop) =>
    visit(path, options, (context) => context.addInitScript(() => (window.print = () => (window.printed = (window.printed ?? 0) + 1))));

  test("pages that a reader names are printed with their labels, each on a sheet", async () => {
    const page = await printing(`${LONG}#page-0003`);
    await page.locator(".print-pages summary").click();
    const field = page.locator("#print-range");
    await until("the page that is shown is proposed", async () => (await field.inputValue()) === "0003");
    assert.deepEqual(await violations(page), []);
    await field.fill("0003-0005, 9");
    await page.keyboard.press("Enter");
    await until("it prints", () => page.evaluate(() => window.printed === 1));
    await page.emulateMedia({ media: "print" });
    assert.deepEqual(await page.locator(".print-sheets figcaption").allTextContents(), ["0003", "0004", "0005", "0009"]);
    assert.ok(await page.locator(".print-sheets img").evaluateAll((all) => all.every((img) => img.complete && img.naturalWidth > 0)));
    assert.match(await page.locator(".print-sheets .citation").textContent(), /p\. 0003–0009/);
    assert.ok(await page.locator("h1").isVisible());
    for (const part of [".viewer", ".about"]) assert.ok(!(await page.locator(part).isVisible()), part);
    const pdf = (await page.pdf({ format: "A4", margin: { top: "1cm", bottom: "1cm" } })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 4, "four sheets");
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator(".print-sheets").count(), 0, "nothing is left behind");
    await page.emulateMedia({ media: "screen" });
    assert.ok(await page.locator(".viewer").isVisible());
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("text is printed with the pages if it is open, or asked for", async () => {
    const page = await printing(WITH_TEXT);
    await page.locator("[data-action=text]").click();
    await page.locator(".line").first().waitFor();
    await page.locator(".print-pages summary").click();
    const choice = page.locator(".print-pages input[type=checkbox]");
    await until("it is chosen", () => choice.isChecked());
    await page.locator(".print-pages [type=submit]").click();
    await until("it prints", () => page.evaluate(() => window.printed === 1));
    assert.match(await page.locator(".print-text").textContent(), /eigenen/);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await choice.uncheck();
    await page.locator(".print-pages [type=submit]").click();
    await until("it prints again", () => page.evaluate(() => window.printed === 2));
    assert.equal(await page.locator(".print-text").count(), 0);
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("a page that does not exist, and too many pages, are not printed but said", async () => {
    const page = await printing(LONG);
    await page.locator("[data-copy='.citation']").click();
    await page.locator(".take-away .copy-told").waitFor();
    await page.locator(".print-pages summary").click();
    const said = page.locator(".print-status");
    for (const [range, sentence] of [["0003, xyz", "There is no page “xyz”."], ["0001-0130", "At most 100 pages can be printed at once."]]) {
      await page.locator("#print-range").fill(range);
      await page.locator(".print-pages [type=submit]").click();
      await until(sentence, async () => (await said.textContent()) === sentence);
    }
    assert.equal(await page.evaluate(() => window.printed), undefined);
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  test("a list of pages is read by labels, which can hold hyphens and commas, or else by numbers", async () => {
    const { named } = await load("../share/print.ts");
    const pages = ["cover", "i", "ii", "1", "2", "f. 3-4", "5, left"].map((label) => ({ label }));
    const read = (list) => {
      const { pages: found, unknown } = named(pages, list);
      return unknown === undefined ? found.map(({ label }) => label).join(" ") : `? ${unknown}`;
    };
    assert.equal(read("i-2"), "i ii 1 2");
    assert.equal(read("2–i"), "i ii 1 2");
    assert.equal(read("Cover, II"), "cover ii");
    assert.equal(read("f. 3-4"), "f. 3-4");
    assert.equal(read("2-f. 3-4, 5"), "2 f. 3-4 2", "no page is called 5: it is the fifth");
    assert.equal(read("5, left"), "5, left");
    assert.equal(read("1-99"), "? 1-99");
    assert.equal(read(" , "), "? ");
  });
}

async function inView(locator) {
  return locator.evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return top >= 0 && bottom <= innerHeight && over !== null && (element.contains(over) || over.contains(element));
  });
}

async function inside(locator, frame) {
  return locator.evaluate((element, frame) => {
    const [box, around] = [element, element.closest(frame)].map((part) => part.getBoundingClientRect());
    return box.top >= around.top && box.bottom <= Math.min(around.bottom, innerHeight);
  }, frame);
}

/** Where on the canvas each tile of the last frame is drawn, in its pixels. */
function recordTiles() {
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  window.drawnTiles = [];
  CanvasRenderingContext2D.prototype.clearRect = function (...where) {
    if (this.canvas.closest(".stage")) window.drawnTiles = [];
    return clear.apply(this, where);
  };
  CanvasRenderingContext2D.prototype.drawImage = function (...how) {
    if (how.length === 9 && this.canvas.closest(".stage")) {
      const { e, f } = this.getTransform();
      window.drawnTiles.push({ x: e + how[5], y: f + how[6], width: how[7], height: how[8] });
    }
    return draw.apply(this, how);
  };
}
