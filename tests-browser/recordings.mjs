// Sound and video: one player, a transcript that follows, downloads, and a position that is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { INTERVIEW, SECONDS } from "./take_aways.mjs";

export function testRecordings(world) {
  const visit = (path = INTERVIEW, options, prepare) => open(world.browser, world.url + path, options, prepare);

  test("one player is shown, with a list of all recordings in order", async () => {
    const page = await visit();
    const tapes = page.locator(".tapes button");
    await tapes.first().waitFor();
    await until("their lengths are told", async () => (await tapes.allTextContents()).every((text) => text.endsWith("0:20")));
    assert.deepEqual(await tapes.allTextContents(), ["First side 0:20", "First side (2) 0:20", "Second side 0:20"]);
    assert.equal(await players(page), 1);
    assert.equal(await current(page), "First side 0:20");
    await tapes.nth(2).click();
    assert.equal(await current(page), "Second side 0:20");
    assert.equal(await players(page), 1);
    assert.ok(await page.locator("#page-2").isVisible());
    assert.ok(await page.evaluate(() => document.activeElement.matches(".tapes button")), "the focus stays in the list");
    await tapes.first().click();
    const poster = page.locator("#page-1 img");
    await until("there is a picture for sound", () => poster.evaluate((img) => img.complete && img.naturalWidth > 0));
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("what is said stands beside sound, and leads to its moment", async () => {
    const page = await visit();
    const lines = page.locator("#page-1 .transcript li");
    await until("the lines are there", async () => (await lines.count()) === 3);
    assert.deepEqual(await lines.allTextContents(), ["0:05 Anna: I was born in <Bremen>.", "0:09 We moved away.", "0:16 And that was all."]);
    await lines.nth(1).locator("span").click();
    await until("it is there", async () => (await time(page)) >= 9);
    assert.ok((await time(page)) < 12);
    await until("the line is marked", async () => (await lines.nth(1).getAttribute("aria-current")) === "true");
    assert.equal(await page.locator(".transcript [aria-current]").count(), 1);
    await page.evaluate(() => {
      const audio = document.querySelector("#page-1 audio");
      audio.pause();
      audio.currentTime = 15;
    });
    await until("between lines none is", async () => (await page.locator(".transcript [aria-current]").count()) === 0);
    assert.equal(await page.locator(".transcript [aria-live]").count(), 0);
    assert.notEqual(await page.title(), "no");
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("the transcript is one stop of the Tab key; arrows move in it and Enter leads to the moment", async () => {
    const page = await visit();
    const lines = page.locator("#page-1 .transcript li");
    await until("the lines are there", async () => (await lines.count()) === 3);
    assert.equal(await page.locator(".transcript a[tabindex='0']").count(), 1);
    await lines.first().locator("a").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "0:16");
    await page.keyboard.press("Enter");
    await until("it is there", async () => (await time(page)) >= 16);
    await close(page);
  });

  test("captions of several languages are chosen, and have their language", async () => {
    const page = await visit();
    const list = page.locator("#page-1 .transcript ol");
    await page.locator(".transcript select").selectOption({ label: "Deutsch" });
    await until("the other words are there", async () => (await list.textContent()) === "0:05 Ich bin in Bremen geboren.");
    assert.equal(await list.getAttribute("lang"), "de");
    await close(page);
  });

  for (const javaScriptEnabled of [true, false]) {
    test(`recordings and their words can be downloaded ${javaScriptEnabled ? "with" : "without"} script`, async () => {
      const page = await visit(INTERVIEW, { ...VIEWS.desktop, javaScriptEnabled });
      const links = page.locator("#page-1 .recording-links a");
      for (const link of await links.all()) {
        assert.ok(await link.isVisible());
        assert.equal((await page.request.get(await link.evaluate(({ href }) => href))).status(), 200);
      }
      assert.deepEqual(await links.allTextContents(), ["Download", "Transcript", "English", "Deutsch"]);
      assert.equal(await players(page), javaScriptEnabled ? 1 : 3);
      await close(page);
    });
  }

  test("an address leads to a moment of a recording", async () => {
    const page = await visit(`${INTERVIEW}#page-2&t=7`);
    await until("it is there", async () => (await page.locator("#page-2 audio").evaluate((audio) => audio.currentTime)) === 7);
    assert.equal(await current(page), "Second side 0:20");
    await page.evaluate(() => (location.hash = "#t=0:03"));
    await until("it is there", async () => (await time(page)) === 3);
    assert.equal(await current(page), "First side 0:20");
    for (const garbage of ["#t=x", "#t=-1", "#page-9&t=5", "#t=999999999999", "#%ff"]) await page.evaluate((hash) => (location.hash = hash), garbage);
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("a reader goes on where the last visit ended", async () => {
    const page = await visit();
    await until("it can be played", () => page.locator("#page-1 audio").first().evaluate((audio) => audio.readyState >= 1));
    await page.locator("#page-1 audio").first().evaluate((audio) => void (audio.currentTime = 8));
    await page.waitForTimeout(300);
    await page.reload({ waitUntil: "networkidle" });
    await until("it is there again", async () => (await time(page)) === 8);
    await page.goto(`${world.url}${INTERVIEW}#t=2`);
    await page.reload({ waitUntil: "networkidle" });
    await until("an address comes first", async () => (await time(page)) === 2);
    await close(page);
  });

  test("what follows on the same page plays by itself, and only one plays", async () => {
    const page = await visit();
    await page.locator(".tapes button").first().waitFor();
    await page.locator("#page-1 audio").first().evaluate((audio, end) => {
      audio.muted = true;
      audio.currentTime = end - 0.5;
      return audio.play();
    }, SECONDS);
    await until("the second file is shown", async () => (await current(page)).startsWith("First side (2)"));
    assert.equal(await players(page), 1);
    await until("it is said", async () => (await page.locator(".recordings [role=status]").textContent()) === "Playing First side (2)");
    await page.locator(".tapes button").nth(2).click();
    assert.equal(await page.locator("audio").evaluateAll((all) => all.filter((audio) => !audio.paused).length), 0);
    await close(page);
  });

  test("words that cannot be loaded are told of, and the sound plays", async () => {
    const page = await visit(INTERVIEW, VIEWS.desktop, (context) => context.route(/words\.vtt/, (route) => route.fulfill({ status: 404 })));
    await page.getByText("The transcript could not be loaded.").waitFor();
    assert.equal(await players(page), 1);
    await close(page);
  });

  test("a recording is cited and shared with its moment", async () => {
    const page = await visit();
    await until("it can be played", () => page.locator("#page-1 audio").first().evaluate((audio) => audio.readyState >= 1));
    await page.locator("#page-1 audio").first().evaluate((audio) => void (audio.currentTime = 6));
    await page.locator(".share summary").click();
    const field = page.locator("#share-link");
    await until("there is a link", async () => /#page-1&t=6$/.test(await field.inputValue()));
    assert.match(await page.locator(".citation").textContent(), /An interview.*interview\//);
    await close(page);
  });

  test("in forced colours the current recording and line are marked", async () => {
    const page = await visit(INTERVIEW, { ...VIEWS.desktop, forcedColors: "active" });
    await page.locator(".transcript li span").first().click();
    await page.locator(".transcript li[aria-current]").waitFor();
    const colour = (name) => page.locator(name).first().evaluate((element) => getComputedStyle(element).borderInlineStartColor);
    for (const [marked, other] of [[".tapes button[aria-current]", ".tapes button:not([aria-current])"], [".transcript li[aria-current]", ".transcript li:not([aria-current])"]]) {
      assert.notEqual(await colour(marked), await colour(other), marked);
    }
    await close(page);
  });

  for (const viewport of [{ width: 360, height: 740 }, { width: 1440, height: 900 }]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`recordings fit ${viewport.width} pixels in ${colorScheme} colours`, async () => {
        const page = await visit(INTERVIEW, { viewport, colorScheme });
        await page.locator(".transcript li").first().waitFor();
        assert.deepEqual(await violations(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
        assert.deepEqual(page.problems, []);
        await close(page);
      });
    }
  }
}

function players(page) {
  return page.locator("audio").evaluateAll((all) => all.filter((audio) => audio.getClientRects().length > 0).length);
}

function current(page) {
  return page.locator(".tapes [aria-current]").textContent();
}

function time(page) {
  return page.locator("#page-1 audio").first().evaluate((audio) => audio.currentTime);
}
