// Text beside and over the image, and search in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { WITH_TEXT } from "./site.mjs";
import { giveText, textPage } from "./texts.mjs";

const ITEM = WITH_TEXT;
export const NARROW = { ...VIEWS.phone, viewport: { width: 360, height: 780 } };
const SIZES = { desktop: VIEWS.desktop, phone: NARROW };

const GERMAN = textPage(
  "086r",
  ["Was iſt Auf-", "klaͤrung? Sapere", "aude! Habe Muth", "dich deines ei-", "genen Verſtandes", "zu bedienen."],
  { blocks: [0, 3], language: "de", machine: true, languages: { 2: "la" } },
);
const MARKUP = '<img src=x onerror="document.title=1"> <script>document.title=2</script> &amp; muth';
const HEBREW = textPage("087r", ["שָׁלוֹם עולם 12", MARKUP], { language: "he", blocks: [0, 1] });

export function testText(world) {
  /** A page of an item with these parts; `visit.missing` names files that fail. */
  async function visit(view = "desktop", { parts = [[GERMAN], [HEBREW]], at = "", ...options } = {}) {
    const address = world.url + ITEM;
    let given;
    const prepare = async (context) => (given = await giveText(context, address, parts));
    const page = await open(world.browser, address + at, { ...SIZES[view], ...options }, prepare);
    return Object.assign(page, given);
  }

  for (const view of Object.keys(SIZES)) {
    test(`the text of the page on a ${view} is read beside the image, in its language, and turns with it`, async () => {
      const page = await visit(view);
      const button = page.locator("[data-pane=text]");
      assert.equal(await button.getAttribute("aria-expanded"), "false");
      await button.click();
      await until("the lines are there", async () => (await texts(page)).length === 6);
      assert.equal(await button.getAttribute("aria-expanded"), "true");
      assert.equal(await page.locator(`#${await button.getAttribute("aria-controls")}`).isVisible(), true);
      assert.deepEqual(await texts(page), GERMAN.lines);
      assert.equal(await page.locator(".panel-text p").count(), 2);
      assert.equal(await page.locator(".panel-text").getAttribute("lang"), "de");
      assert.equal(await page.locator(".line").nth(2).getAttribute("lang"), "la");
      assert.ok(await page.locator(".machine").isVisible());
      assert.ok(await isOnScreen(page, ".line >> nth=0"), "the text is on the screen");
      assert.ok(await isOnScreen(page, ".stage"), "and the image too");
      assert.deepEqual(await violations(page), []);

      await page.locator("[data-action=next]").click();
      await until("the next page's text", async () => (await texts(page))[0] === HEBREW.lines[0]);
      assert.equal(await page.locator(".panel-text").getAttribute("dir"), "rtl");
      assert.ok(!(await page.locator(".machine").isVisible()));
      assert.equal(await page.locator(".panel-text :is(img, script)").count(), 0, "markup is text");
      assert.deepEqual(await violations(page), []);

      await page.locator("[data-action=next]").click();
      await page.locator(".panel-empty").waitFor();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(page.problems, []);
      await close(page);
    });

    test(`search on a ${view} lists hits by page, boxes them, steps through them and is in the address`, async () => {
      const page = await visit(view);
      await page.locator("[data-pane=search]").click();
      assert.ok(await page.locator("#reader-search input").evaluate((input) => input === document.activeElement));
      await ask(page, "muth");
      await said(page, "2 hits on 2 pages");
      assert.deepEqual(await page.locator(".hits mark").allTextContents(), ["Muth", "muth"]);
      assert.deepEqual(await page.locator(".hits p").allTextContents(), ["Page f. 86r", "Page f. 87r"]);
      await until("the hit is boxed", async () => (await page.locator(".hit-box").count()) === 1);
      assert.deepEqual(await violations(page), []);

      await page.keyboard.press("Enter");
      await said(page, "Hit 1 of 2, page f. 86r");
      await page.keyboard.press("F3");
      await said(page, "Hit 2 of 2, page f. 87r");
      await until("the current hit is boxed", async () => (await page.locator(".hit-box.current").count()) === 1);
      assert.ok(page.url().endsWith("?q=muth#page-087r"), page.url());
      await page.locator("[data-action=previous-hit]").click();
      await said(page, "Hit 1 of 2, page f. 86r");
      await page.locator(".hits a").nth(1).click();
      await said(page, "Hit 2 of 2, page f. 87r");
      assert.ok(await isOnScreen(page, ".hits a >> nth=1"));
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  test("text that the program has read is shown, boxed and found", async () => {
    const page = await open(world.browser, `${world.url}${ITEM}`);
    await page.locator("[data-pane=text]").click();
    await until("the lines are there", async () => (await texts(page)).length === 3);
    assert.equal((await texts(page))[0], "Was iſt Aufklaͤrung?");
    await page.locator("[data-pane=search]").click();
    await ask(page, '"deines eigenen"');
    await said(page, "1 hit on 1 page");
    await until("both lines are boxed", async () => (await page.locator(".hit-box").count()) === 2);
    const place = await page.locator(".hit-box").first().evaluate(({ style }) => [style.left, style.top, style.width]);
    assert.ok(place.every((number) => parseInt(number) > 0), String(place));
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  for (const colorScheme of ["dark", "light"]) {
    test(`hits and a line that is lit up are accessible in ${colorScheme} colours`, async () => {
      const page = await visit("desktop", { colorScheme, at: "?q=muth" });
      await said(page, "2 hits on 2 pages");
      await page.locator("[data-pane=text]").click();
      await page.locator(".line").nth(2).hover();
      await page.locator(".line.lit mark").waitFor();
      assert.deepEqual(await violations(page), []);
      await close(page);
    });
  }

  test("text and search work with the keyboard alone", async () => {
    const page = await visit();
    await page.locator(".page-select").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("t");
    await until("the first line has the focus", () => hasFocus(page, ".line >> nth=0"));
    await page.keyboard.press("ArrowDown");
    await until("the second line has the focus", () => hasFocus(page, ".line >> nth=1"));
    await page.locator(".cover-line:not([hidden])").waitFor();
    await page.keyboard.press("ArrowRight");
    await until("the page was turned", async () => (await texts(page))[0] === HEBREW.lines[0]);
    await page.keyboard.press("Escape");
    await until("the button has the focus", () => hasFocus(page, "[data-pane=text]"));
    assert.ok(!(await page.locator("#reader-text").isVisible()));

    await page.keyboard.press("s");
    await page.keyboard.type("tris s");
    await page.keyboard.press("Enter");
    await said(page, "No hits");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("muth");
    await page.keyboard.press("Enter");
    await said(page, "2 hits on 2 pages");
    for (let stop = 0; !(await hasFocus(page, ".hits a >> nth=0")) && stop < 9; stop++) await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await said(page, "Hit 2 of 2, page f. 87r");
    await page.keyboard.press("Escape");
    await until("the button has the focus", () => hasFocus(page, "[data-pane=search]"));
    assert.ok(page.url().endsWith(`${ITEM}#page-087r`), page.url());
    assert.equal(await page.locator(".hit-box").count(), 0);
    await close(page);
  });

  test("what is typed before the script of the search is there is not lost", async () => {
    const page = await visit();
    await page.route(/\/assets\/reading-/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await route.fallback();
    });
    await page.locator("[data-pane=text]").focus();
    await page.keyboard.press("s");
    await page.keyboard.type("mu");
    await until("the script is there", async () => (await page.locator("[data-pane=search]").getAttribute("aria-expanded")) === "true");
    await page.keyboard.type("th");
    await page.keyboard.press("Enter");
    await said(page, "2 hits on 2 pages");
    await page.keyboard.press("Enter");
    await said(page, "Hit 1 of 2, page f. 86r");
    await close(page);
  });

  test("words are found through ſ, diacritics, ends of lines and in phrases", async () => {
    const page = await visit();
    await page.locator("[data-pane=search]").click();
    const expected = { ist: "1 hit on 1 page", aufklärung: "1 hit on 1 page", '"sapere aude"': "1 hit on 1 page", eigenen: "1 hit on 1 page", שלום: "1 hit on 1 page", "verstandes muth": "2 hits on 1 page", '"aude sapere"': "No hits" };
    for (const [question, answer] of Object.entries(expected)) {
      await ask(page, question);
      await said(page, answer);
    }
    await ask(page, "aufklärung");
    await until("both lines are boxed", async () => (await page.locator(".hit-box").count()) === 2);
    assert.deepEqual(await page.locator(".hits mark").allTextContents(), ["Aufklaͤrung"]);
    await close(page);
  });

  test("back and forward lead through questions and pages", async () => {
    const page = await visit();
    await page.locator("[data-pane=search]").click();
    await ask(page, "muth");
    await said(page, "2 hits on 2 pages");
    await page.locator(".hits a").nth(1).click();
    await ask(page, "eigenen");
    await said(page, "1 hit on 1 page");
    await page.goBack();
    await said(page, "2 hits on 2 pages");
    assert.ok(page.url().endsWith("?q=muth#page-087r"), page.url());
    await page.goBack();
    await until("no question is left", async () => (await page.locator(".hits a").count()) === 0);
    await until("the first page is back", () => page.locator(".page-select").evaluate((select) => select.selectedIndex === 0));
    await page.goForward();
    await said(page, "2 hits on 2 pages");
    await close(page);

    const fresh = await visit("desktop", { at: "?q=muth#page-087r" });
    await said(fresh, "2 hits on 2 pages");
    await fresh.locator("[data-action=next-hit]").click();
    await said(fresh, "Hit 2 of 2, page f. 87r");
    await close(fresh);
  });

  test("a line lights up where the other is pointed at", async () => {
    const page = await visit();
    await page.locator("[data-pane=text]").click();
    await page.locator(".line").nth(4).hover();
    const box = page.locator(".cover-line");
    await box.waitFor();
    const { x, y, width, height } = await box.boundingBox();
    await page.locator(".line").nth(0).hover();
    await page.mouse.move(x + width / 2, y + height / 2);
    await until("the line of the text is lit", () => page.locator(".line").nth(4).evaluate((line) => line.matches(".lit")));
    await page.locator(".toolbar [data-action=rotate]").click();
    await page.locator(".line").nth(4).hover();
    await until("the box has turned with the page", async () => {
      const turned = await box.boundingBox();
      return turned.height > turned.width;
    });
    await close(page);
  });

  test("a tap on the image lights up the line of the text", async () => {
    const page = await visit("phone");
    await page.locator("[data-pane=text]").tap();
    await page.locator(".line").nth(3).tap();
    const box = page.locator(".cover-line");
    await box.waitFor();
    const { x, y, width, height } = await box.boundingBox();
    await page.locator(".panel-title").tap();
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await until("the line of the text is lit", () => page.locator(".line").nth(3).evaluate((line) => line.matches(".lit")));
    await close(page);
  });

  test("text over the image can be selected and copied, and the image dragged beside it", async () => {
    const page = await visit("desktop", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator("[data-pane=text]").click();
    await page.locator("[data-action=select-text]").click();
    const words = page.locator(".cover-words span");
    await words.first().waitFor();
    const [first, last] = [await words.nth(1).boundingBox(), await words.nth(4).boundingBox()];
    assert.ok(last.y > first.y, "the words stand in two lines");
    await page.mouse.move(first.x + 1, first.y + first.height / 2);
    await page.mouse.down();
    await page.mouse.move(last.x + last.width - 2, last.y + last.height / 2, { steps: 8 });
    await page.mouse.up();
    await page.keyboard.press("Control+C");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.trim(), "iſt Auf-\nklaͤrung? Sapere");
    assert.deepEqual(await words.nth(1).boundingBox(), first, "the image has not moved");
    const stage = await page.locator(".stage").boundingBox();
    await page.mouse.move(stage.x + 20, stage.y + 20);
    await page.mouse.down();
    await page.mouse.move(stage.x + 80, stage.y + 60, { steps: 5 });
    await page.mouse.up();
    await until("the image has moved", async () => (await words.nth(1).boundingBox()).x > first.x + 20);
    await page.locator("[data-action=select-text]").click();
    assert.equal(await words.count(), 0);
    await close(page);
  });

  test("the wish for text is remembered from page to page", async () => {
    const page = await visit();
    await page.locator("[data-pane=text]").click();
    await page.reload();
    await page.locator("#reader-text .line").first().waitFor();
    await page.locator("[data-pane=text]").click();
    await page.reload({ waitUntil: "networkidle" });
    assert.ok(!(await page.locator("#reader-text").isVisible()));
    await close(page);
  });

  test("a part that is missing is said, the rest is shown, and another try brings it", async () => {
    const page = await visit();
    page.missing.add("2.json");
    await page.locator("[data-pane=text]").click();
    await page.locator(".line").first().waitFor();
    await page.locator("[data-action=next]").click();
    await page.locator("#reader-text .panel-failed").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.locator("[data-pane=search]").click();
    await ask(page, "muth");
    await said(page, "1 hit on 1 page Some pages could not be searched.");
    assert.deepEqual(await violations(page), []);

    page.missing.clear();
    await page.locator("#reader-search .panel-failed button").click();
    await said(page, "2 hits on 2 pages");
    await page.locator("[data-pane=text]").click();
    const retry = page.locator("#reader-text .panel-failed button");
    if (await retry.isVisible()) await retry.click();
    await until("the text is there", async () => (await texts(page))[0] === HEBREW.lines[0]);
    await close(page);
  });

  test("a page of a hundred thousand lines is cut, and nothing stops", async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `Zeile ${index} muth`);
    const page = await visit("desktop", { parts: [[textPage("086r", lines)]] });
    await page.locator("[data-pane=text]").click();
    await page.locator(".cut").waitFor();
    assert.equal(await page.locator(".line").count(), 2000);
    await page.locator("[data-pane=search]").click();
    await ask(page, "muth");
    await said(page, "100,000 hits on 1 page");
    assert.equal(await page.locator(".hits a").count(), 100);
    await page.locator(".more").click();
    assert.equal(await page.locator(".hits a").count(), 200);
    assert.ok(await hasFocus(page, ".hits a >> nth=100"));
    await close(page);
  });

  test("an item without text offers none", async () => {
    const page = await open(world.browser, `${world.url}balloon-1786/`);
    assert.equal(await page.locator("[data-pane]:visible").count(), 0);
    assert.ok(!page.requested.some((address) => /reading|text\//.test(address)));
    await close(page);
  });
}

const texts = (page) => page.locator(".panel-text .line").allTextContents();

export async function ask(page, question) {
  await page.locator("#reader-search input").fill(question);
  await page.keyboard.press("Enter");
}

/** Until the status tells this to screen readers; resolves to what it tells. */
export async function said(page, sentence) {
  const status = page.locator(".viewer > [role=status]");
  let told;
  const isSaid = async () => {
    told = await status.textContent();
    return sentence instanceof RegExp ? sentence.test(told) : told === sentence;
  };
  await until(`"${sentence}" is said`, isSaid).catch((error) => {
    throw new Error(`${error.message}, but "${told}"`);
  });
  return told;
}

const hasFocus = (page, selector) => page.locator(selector).evaluate((element) => element === document.activeElement);

function isOnScreen(page, selector) {
  return page.locator(selector).evaluate((element) => {
    const { top, bottom, height } = element.getBoundingClientRect();
    return top >= -1 && bottom <= innerHeight + 1 && height > 0;
  });
}
