// Openings of a book, pages to scroll through, layers, notes, how the image looks, and the list of keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, settled, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { BOOK, LEFTWARDS, SCROLL } from "./scans.mjs";
import { load } from "./search.mjs";
import { WITH_TEXT } from "./site.mjs";
import { giveText, textPage } from "./texts.mjs";
import { focusStage, isDrawn, shows } from "./viewer.mjs";
import { drawnBox } from "./viewer_place.mjs";

const WIDE = { viewport: { width: 1800, height: 800 } };

export function testBook(world) {
  const visit = (path, options, prepare) => open(world.browser, world.url + path, options, prepare);
  const number = (page) => page.locator(".page-number").textContent();

  test("a book lies open: its cover alone, then two pages, foldouts and charts alone", async () => {
    const { openings } = await load("../openings.ts");
    const pages = (...behaviors) => behaviors.map((behavior) => ({ behavior: behavior || undefined }));
    assert.deepEqual(openings(pages("", "", "", "", "")), [[0], [1, 2], [3, 4]]);
    assert.deepEqual(openings(pages("", "", "", "")), [[0], [1, 2], [3]]);
    assert.deepEqual(openings(pages("", "", "facing-pages", "", "")), [[0], [1], [2], [3, 4]]);
    assert.deepEqual(openings(pages("non-paged", "", "", "")), [[0], [1], [2, 3]]);
    assert.deepEqual(openings(pages("facing-pages", "", "")), [[0], [1, 2]]);
    assert.deepEqual(openings([]), []);
  });

  test("on a wide stage a book is shown in openings, and turned by openings", async () => {
    const page = await visit(`${BOOK}#page-0001`, WIDE);
    await until("the stage shows a picture", () => isDrawn(page));
    assert.equal(await number(page), "1 / 8");
    await focusStage(page);
    await page.keyboard.press("PageDown");
    await shows(page, 1, "#page-0002");
    assert.equal(await number(page), "2–3 / 8");
    assert.match(await page.title(), /^p\. 1–2 · /);
    assert.match(await page.locator(".viewer > [role=status]").textContent(), /^Pages 1–2, 2–3 of 8$/);
    await page.locator(".gap-sheet").waitFor();
    assert.equal(await page.locator(".strip [aria-current]").count(), 2);
    await page.keyboard.press("PageDown");
    assert.equal(await number(page), "4 / 8");
    await page.keyboard.press("PageDown");
    assert.equal(await number(page), "5–6 / 8");
    await settled(page);
    const { width, height } = await drawnBox(page);
    assert.ok(Math.abs(width / height - 1.5) < 0.02, `two pages side by side: ${width} x ${height}`);
    await page.keyboard.press("PageUp");
    await page.keyboard.press("PageUp");
    assert.equal(await number(page), "2–3 / 8");
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("one page or two is a choice that is kept, and a phone shows one", async () => {
    const page = await visit(`${BOOK}#page-0005`, WIDE);
    await focusStage(page);
    await page.keyboard.press("b");
    assert.equal(await number(page), "5 / 8");
    await page.reload({ waitUntil: "networkidle" });
    assert.equal(await number(page), "5 / 8");
    await page.locator("[data-action=view]").click();
    const button = page.locator("#reader-view [data-action=double]");
    assert.equal(await button.getAttribute("aria-pressed"), "false");
    await button.click();
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    assert.equal(await number(page), "5–6 / 8");
    await page.setViewportSize({ width: 700, height: 800 });
    await until("a narrow window shows one", async () => (await number(page)) === "5 / 8");
    await close(page);
    const phone = await visit(`${BOOK}#page-0005`, VIEWS.phone);
    assert.equal(await number(phone), "5 / 8");
    await close(phone);
  });

  test("where one reads from right to left, the first page of an opening is at the right", async () => {
    const page = await visit(LEFTWARDS, WIDE);
    assert.equal(await number(page), "1 / 3");
    await focusStage(page);
    await page.keyboard.press("ArrowLeft");
    await until("two pages", async () => (await number(page)) === "2–3 / 3");
    await page.waitForTimeout(500);
    const sheet = await page.locator(".gap-sheet").boundingBox();
    const stage = await page.locator(".stage").boundingBox();
    assert.ok(Math.abs(sheet.x + sheet.width - (stage.x + stage.width / 2)) < 3, "page 3 is at the left");
    await page.keyboard.press("ArrowRight");
    await until("the cover", async () => (await number(page)) === "1 / 3");
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("text and hits stand on their own page of an opening", async () => {
    const [first, second] = [textPage("087r", ["links steht Muth"]), textPage("091r", ["rechts steht Muth"])];
    const address = world.url + WITH_TEXT;
    const page = await visit(`${WITH_TEXT}#page-087r`, WIDE, (context) => giveText(context, address, [[first, second]]));
    await focusStage(page);
    await page.keyboard.press("b");
    await until("two pages", async () => /^2–3 /.test(await number(page)));
    await page.keyboard.press("t");
    const line = page.locator("#reader-text .line");
    const place = async (words) => {
      await until(words, async () => (await line.first().textContent()) === words);
      await page.waitForTimeout(800);
      await line.first().hover();
      await page.locator(".cover-line:not([hidden])").waitFor();
      return page.locator(".cover-line").boundingBox();
    };
    const left = await place("links steht Muth");
    await page.selectOption(".page-select", "2");
    const right = await place("rechts steht Muth");
    const middle = await page.locator(".stage").evaluate((stage) => {
      const { x, width } = stage.getBoundingClientRect();
      return x + width / 2;
    });
    assert.ok(left.x + left.width <= middle + 2 && right.x >= middle - 2, JSON.stringify({ left, middle, right }));
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("an item that is one long picture is scrolled through, and any other by choice", async () => {
    const page = await visit(SCROLL);
    const scroll = page.locator(".scroll");
    await scroll.waitFor();
    assert.equal(await scroll.locator("img").count(), 4);
    const [first, second] = [await scroll.locator("img").nth(0).boundingBox(), await scroll.locator("img").nth(1).boundingBox()];
    assert.ok(Math.abs(first.y + first.height - second.y) < 1, "no gap between its parts");
    await scroll.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await until("the page follows", async () => (await page.locator(".page-select").inputValue()) !== "0");
    assert.deepEqual(await violations(page), []);
    await close(page);

    const book = await visit(BOOK);
    await focusStage(book);
    await book.keyboard.press("v");
    await book.locator(".scroll").waitFor();
    await book.selectOption(".page-select", "5");
    await until("the page is brought into view", () => book.locator(".scroll figure").nth(5).evaluate((figure) => {
      const [box, frame] = [figure.getBoundingClientRect(), figure.parentElement.getBoundingClientRect()];
      return Math.abs(box.top - frame.top) < 60;
    }));
    assert.deepEqual(await violations(book), []);
    await book.locator(".scroll").focus();
    await book.keyboard.press("v");
    assert.ok(!(await book.locator(".scroll").isVisible()));
    assert.deepEqual(book.problems, []);
    await close(book);
  });

  test("layers are chosen by buttons and keys, and seen through", async () => {
    const page = await visit(BOOK);
    const group = page.locator(".layers");
    await group.waitFor();
    assert.deepEqual(await group.locator("button").allTextContents(), ["Natural light", "Ultraviolet"]);
    const before = await colour(page);
    await group.locator("button").nth(1).click();
    await settled(page);
    await until("another picture is drawn", async () => (await colour(page)) !== before);
    assert.ok(page.requested.some((address) => /0002-uv|layer|ultraviolet/i.test(address) || /book_[^/]*uv/.test(address)), "its tiles are asked for");
    await group.locator("input").fill("0");
    await until("the first one shines through", async () => (await colour(page)) === before);
    await group.locator("input").fill("100");
    assert.deepEqual(await violations(page), []);
    await focusStage(page);
    await page.keyboard.press("]");
    await until("the first layer is chosen", async () => (await group.locator("button").first().getAttribute("aria-pressed")) === "true");
    await page.keyboard.press("[");
    await until("it is said", async () => (await page.locator(".viewer > [role=status]").textContent()) === "Ultraviolet");
    await page.keyboard.press("ArrowRight");
    await until("the next page has none", async () => !(await group.isVisible()));
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("notes are listed beside the image, boxed on it, and hidden by a key; nothing in them is run", async () => {
    const page = await visit(BOOK);
    const details = page.locator(".page-details");
    await details.waitFor();
    assert.equal(await details.locator("h2").textContent(), "About page 1");
    assert.match(await details.locator(".metadata").textContent(), /Hand\s*Second scribe/);
    assert.equal(await page.locator(".notes-switch").textContent(), "Notes (2)");
    assert.equal(await details.locator(".note b").textContent(), "Initial");
    assert.equal(await details.locator("script").count(), 0);
    const box = await page.locator(".note-box").boundingBox();
    const paper = await drawnBox(page);
    const expected = { x: paper.x + paper.width * 0.1, y: paper.y + paper.height * 0.1, width: paper.width * 0.5, height: paper.height * 0.2 };
    for (const side of ["x", "y", "width", "height"]) {
      assert.ok(Math.abs(box[side] - expected[side]) <= 5, `${side}: ${JSON.stringify({ box, expected })}`);
    }
    const order = await page.evaluate(() => {
      const [details, about] = [".page-details", ".about"].map((name) => document.querySelector(name).getBoundingClientRect().top);
      return details < about;
    });
    assert.ok(order, "above what is known about the item");
    assert.deepEqual(await violations(page), []);
    await details.locator(".note").first().focus();
    await page.locator(".note-box.current").waitFor();
    await focusStage(page);
    await page.keyboard.press("n");
    assert.equal(await page.locator(".note-box").count(), 0);
    await page.keyboard.press("n");
    await page.locator(".note-box").waitFor();
    assert.ok((await page.title()).startsWith("p. 1"));
    await close(page);
  });

  test("without script layers, notes and what is known about a page stand with its figure", async () => {
    const page = await visit(BOOK, { ...VIEWS.desktop, javaScriptEnabled: false });
    const figure = page.locator("#page-0002");
    assert.equal(await figure.locator("img").count(), 2);
    assert.match(await figure.textContent(), /Natural light[^]*Ultraviolet[^]*Second scribe[^]*Notes \(2\)[^]*Initial/);
    assert.match(await page.locator("#page-0003").textContent(), /No image of 2/);
    await close(page);
  });

  test("brightness, contrast and inverted colours are the reader's", async () => {
    const page = await visit(BOOK);
    const filter = () => page.locator(".stage .openseadragon-canvas > canvas").first().evaluate((canvas) => getComputedStyle(canvas).filter);
    assert.equal(await filter(), "none");
    await focusStage(page);
    await page.keyboard.press("i");
    await page.locator("#reader-view").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator("input[name=brightness]").fill("150");
    await page.locator("[data-action=invert]").click();
    assert.equal(await filter(), "brightness(1.5) invert(1)");
    await page.locator("[data-action=reset]").click();
    assert.equal(await filter(), "none");
    await page.keyboard.press("Escape");
    assert.ok(!(await page.locator("#reader-view").isVisible()));
    assert.equal(await page.evaluate(() => document.activeElement.dataset.action), "view");
    await close(page);
  });

  test("a list tells all keys, and gives the focus back", async () => {
    const page = await visit(BOOK);
    await focusStage(page);
    await page.keyboard.press("?");
    const dialog = page.locator("dialog.keys");
    await dialog.waitFor();
    assert.deepEqual(await violations(page), []);
    assert.ok((await dialog.locator("dt").count()) > 12);
    await page.keyboard.press("ArrowRight");
    await shows(page, 1);
    await page.keyboard.press("Escape");
    assert.ok(!(await dialog.isVisible()));
    assert.ok(await page.evaluate(() => document.activeElement.closest(".stage") !== null));
    await close(page);
  });

  for (const view of [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`a page with everything fits ${view.width} pixels in ${colorScheme} colours`, async () => {
        const page = await visit(BOOK, { viewport: view, colorScheme });
        await page.locator(".page-details").waitFor();
        await page.locator("[data-action=view]").click();
        assert.deepEqual(await violations(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
        assert.deepEqual(page.problems, []);
        await close(page);
      });
    }
  }

  test("the page that is shown is printed, and not its tools", async () => {
    const page = await visit(`${BOOK}#page-0005`);
    await until("the stage shows a picture", () => isDrawn(page));
    await page.emulateMedia({ media: "print" });
    const picture = page.locator(".stage .picture");
    await until("the picture is loaded", () => picture.evaluate((img) => img.complete && img.naturalWidth > 0));
    assert.ok(await picture.isVisible());
    assert.match(await picture.getAttribute("src"), /book_0005/);
    for (const part of [".toolbar", ".strip", ".zoomable"]) assert.ok(!(await page.locator(part).isVisible()), part);
    await close(page);
    const single = await visit("balloon-1786/");
    await single.emulateMedia({ media: "print" });
    assert.ok(await single.locator(".stage .picture").isVisible(), "an item with one image prints it too");
    await close(single);
  });
}

/** The colour of a spot on which the layers differ: the sum over a part of the stage. */
function colour(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector(".stage .openseadragon-canvas canvas");
    const { data } = canvas.getContext("2d").getImageData(canvas.width / 2 - 40, canvas.height / 2 - 40, 80, 80);
    return data.reduce((sum, value, at) => (at % 4 < 3 ? sum + value * ((at % 3) + 1) : sum), 0);
  });
}
