// What a reader takes away of an item: files with their names, citations, links to a part of a page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { close, open, until, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { BOOK, LONG } from "./scans.mjs";
import { HOSTILE, TAKE_AWAY } from "./take_aways.mjs";
import { isDrawn, shows } from "./viewer.mjs";

const SIZES = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }];

export function testShare(world) {
  const visit = (path, options, prepare) => open(world.browser, world.url + path, options, prepare);

  test("the download menu is one of keys: it opens with an arrow, moves with arrows, and Esc gives the focus back", async () => {
    const page = await visit(TAKE_AWAY);
    const button = page.locator("[data-menu=downloads]");
    await button.focus();
    await page.keyboard.press("ArrowDown");
    await page.locator(".menu").waitFor();
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    assert.match(await focused(page), /^Rights CC BY 4\.0/, "the rights come first");
    await page.keyboard.press("ArrowDown");
    assert.match(await focused(page), /^Small image JPEG, 450 × 600/);
    await page.keyboard.press("End");
    assert.match(await focused(page), /^IIIF manifest/);
    await page.keyboard.press("ArrowDown");
    assert.match(await focused(page), /^Rights/);
    await page.keyboard.press("ArrowUp");
    assert.match(await focused(page), /^IIIF manifest/);
    await shows(page, 0, "");
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    assert.ok(!(await page.locator(".menu").isVisible()));
    assert.equal(await page.evaluate(() => document.activeElement.dataset.menu), "downloads");
    await page.keyboard.press("ArrowUp");
    assert.match(await focused(page), /^IIIF manifest/, "an arrow up opens it at its end");
    await page.keyboard.press("Escape");
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("each file of the menu is there, and has as many bytes as the menu says", async () => {
    const page = await visit(`${TAKE_AWAY}#page-0002`);
    await page.locator("[data-menu=downloads]").click();
    const files = page.locator(".menu a[download]");
    await until("the sizes are known", async () => (await files.allTextContents()).every((text) => / \d[\d.,]* ([kM]B|bytes)$/.test(text)));
    const names = await files.evaluateAll((links) => links.map((link) => link.download));
    for (const name of ["take-away_0002_450.jpg", "take-away_0002.jpg", "take-away_0002.txt", "take-away.txt"]) assert.ok(names.includes(name), `${name} of ${names}`);
    for (const link of await files.all()) {
      const response = await page.request.get(await link.evaluate(({ href }) => href));
      assert.equal(response.status(), 200);
      const bytes = (await response.body()).length;
      const [, number, unit] = /([\d.,]+) ([kM]B|bytes)$/.exec(await link.textContent());
      const stated = Number(number) * { MB: 1e6, kB: 1e3, bytes: 1 }[unit];
      assert.ok(Math.abs(stated - bytes) <= Math.max(600, bytes * 0.06), `${await link.textContent()}: ${bytes}`);
    }
    assert.match(await page.locator(".menu").textContent(), /PDF/);
    await close(page);
  });

  test("the menu follows the pages that are shown, both of an opening", async () => {
    const page = await visit(TAKE_AWAY, { viewport: { width: 1440, height: 700 } });
    const groups = () => page.locator(".menu-page").evaluateAll((all) => all.map((group) => group.getAttribute("aria-label")));
    await page.locator("[data-action=next]").click();
    await page.locator("[data-menu=downloads]").click();
    await page.locator(".menu").waitFor();
    assert.deepEqual(await groups(), ["Page f. 1v & <i>", "Page 0003"]);
    await page.evaluate(() => (location.hash = "#page-0004"));
    await until("the menu has the other page", async () => (await groups()).join() === "Page 0004");
    await close(page);
  });

  test("further pictures of a page are offered with their names", async () => {
    const page = await visit(BOOK);
    await shows(page, 1, "");
    await page.locator("[data-menu=downloads]").click();
    const layer = page.locator(".menu-page a", { hasText: "Ultraviolet" });
    await layer.waitFor();
    assert.match(await layer.getAttribute("download"), /0002.*\.jpg$/);
    assert.equal((await page.request.get(await layer.evaluate(({ href }) => href))).status(), 200);
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  test("a strict Content-Security-Policy is in the way of nothing", async () => {
    const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; base-uri 'none'";
    const page = await visit(TAKE_AWAY, { ...VIEWS.desktop, permissions: ["clipboard-read", "clipboard-write"] }, (context) =>
      context.route(/take-away\/$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
      }),
    );
    await page.locator("[data-menu=downloads]").click();
    await until("the sizes are known", async () => / kB/.test(await page.locator(".menu-page").first().textContent()));
    await page.keyboard.press("Escape");
    await page.locator(".references summary").click();
    const download = page.waitForEvent("download");
    await page.locator("[data-save='[data-format=bibtex]']").click();
    assert.equal((await download).suggestedFilename(), "take-away.bib");
    await page.locator("[data-copy='.citation']").click();
    await until("it is copied", async () => (await page.locator(".copy-status").textContent()) === "Copied");
    assert.deepEqual(page.problems.filter((problem) => !/style/.test(problem)), []);
    await close(page);
  });

  test("a picture is saved under the name of its item and page", async () => {
    const page = await visit(`${TAKE_AWAY}#page-0003`, VIEWS.phone);
    await page.locator("[data-menu=downloads]").click();
    const download = page.waitForEvent("download");
    await page.locator(".menu-page a").last().click();
    assert.equal((await download).suggestedFilename(), "take-away_0003.jpg");
    assert.match((await download).url(), /take-away_0003\/full\/max\/0\/default\.jpg$/);
    assert.ok(!(await page.locator(".menu").isVisible()), "the menu closes");
    await close(page);
  });

  test("a page without an image has no files, and the item has", async () => {
    const page = await visit(`${BOOK}#page-0003`);
    await page.locator("[data-menu=downloads]").click();
    await page.locator(".menu").waitFor();
    const labels = await page.locator(".menu-page").evaluateAll((all) => all.map((group) => group.getAttribute("aria-label")));
    assert.ok(!labels.includes("Page 2"), String(labels));
    assert.match(await page.locator(".menu").textContent(), /IIIF manifest/);
    await page.mouse.click(300, 300);
    assert.ok(!(await page.locator(".menu").isVisible()), "a click beside it closes it");
    await close(page);
  });

  test("without script the same files stand with each page, and what is cited stands open", async () => {
    const scripted = await visit(`${TAKE_AWAY}#page-0004`);
    await scripted.locator("[data-menu=downloads]").click();
    await scripted.locator(".menu").waitFor();
    const offered = await scripted.locator(".menu-page a").evaluateAll((links) => links.map(({ href, download }) => `${download} ${href}`));
    await close(scripted);
    const page = await visit(TAKE_AWAY, { ...VIEWS.desktop, javaScriptEnabled: false });
    const listed = await page.locator("#page-0004 .page-download").evaluateAll((links) => links.map(({ href, download }) => `${download} ${href}`));
    assert.deepEqual(listed, offered);
    assert.equal(listed.length, 2);
    assert.ok(await page.locator(".citation").isVisible());
    assert.ok(!(await page.locator(".take-away button").first().isVisible()), "buttons that do nothing are shown");
    assert.ok(!(await page.locator(".share").isVisible()));
    await page.locator(".references summary").click();
    assert.match(await page.locator("[data-format=bibtex]").textContent(), /^@misc\{take-away,\n {2}author = \{Kant, Immanuel\},/);
    await close(page);
  });

  test("the citation names the page that is shown and its address, and is copied", async () => {
    const page = await visit(TAKE_AWAY, { ...VIEWS.desktop, permissions: ["clipboard-read", "clipboard-write"] });
    const citation = page.locator(".citation");
    const own = `${world.url}${TAKE_AWAY}`;
    const plain = async () => (await citation.textContent()).replace(/\s+/g, " ").trim();
    assert.ok((await plain()).startsWith(`Kant, Immanuel, ${HOSTILE}, 1784-12-01. Ms. 7. Example collection`), await plain());
    assert.match(await plain(), new RegExp(`${own} \\(accessed .*20\\d\\d\\)$`));
    await page.locator("[data-action=next]").click();
    await until("the page is cited", async () => (await plain()).includes(", 1784-12-01, p. f. 1v & <i>. Ms. 7."));
    assert.ok((await plain()).includes(`${own}#page-0002`));
    await page.locator("[data-copy='.citation']").click();
    await until("it says so", async () => (await page.locator(".copy-status").textContent()) === "Copied");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await plain());
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("where the clipboard is closed the text is selected, and the reader is told", async () => {
    const page = await visit(TAKE_AWAY, VIEWS.desktop, (context) =>
      context.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined })),
    );
    await page.locator("[data-copy='.citation']").click();
    await until("it says so", async () => /select the text/.test(await page.locator(".copy-status").textContent()));
    assert.match(await page.evaluate(() => getSelection().toString()), /^Kant, Immanuel/);
    await close(page);
  });

  test("programs for references get the page, the address and the day, each in its own form", async () => {
    const page = await visit(`${TAKE_AWAY}#page-0002`);
    await page.locator(".references summary").click();
    const text = (format) => page.locator(`[data-format=${format}]`).textContent();
    await until("the page is in it", async () => (await text("bibtex")).includes("pages ="));
    const address = `${world.url}${TAKE_AWAY}#page-0002`;
    assert.match(await text("bibtex"), /title = \{\{A "B" <\/script><img .*> \\& \\\{C\\\} 100\\%\}\},\n {2}date = \{1784-12-01\}/);
    assert.ok((await text("bibtex")).includes(`url = {${address}},\n  pages = {f. 1v \\& <i>},\n  urldate = {20`));
    assert.match(await text("ris"), new RegExp(`\\nUR {2}- ${address}\\r?\\nSP {2}- f\\. 1v & <i>\\r?\\nY2 {2}- 20\\d\\d/\\d\\d/\\d\\d/\\r?\\nER {2}- \\r?\\n$`));
    const [csl] = JSON.parse(await text("csl-json"));
    assert.deepEqual([csl.page, csl.URL, csl.title, csl.issued["date-parts"]], ["f. 1v & <i>", address, HOSTILE, [[1784, 12, 1]]]);
    const download = page.waitForEvent("download");
    await page.locator("[data-save='[data-format=ris]']").click();
    assert.equal((await download).suggestedFilename(), "take-away.ris");
    assert.match(await readFile(await (await download).path(), "utf8"), /^TY {2}- GEN\r\nAU {2}- Kant, Immanuel\r\n/);
    assert.notEqual(await page.title(), "no");
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  test("a link leads to the same part of the page, turned as it was", async () => {
    const page = await visit(`${BOOK}#page-0005`, { viewport: { width: 900, height: 900 } });
    await until("the stage shows a picture", () => isDrawn(page));
    for (let step = 0; step < 4; step++) await page.locator("[data-action=zoom-in]").click();
    await page.waitForTimeout(900);
    const link = await shareLink(page);
    assert.match(link, /#page-0005&xywh=\d+,\d+,\d+,\d+$/);
    const turned = link.replace(world.url, "") + "&rotate=90";
    const again = await visit(turned, { viewport: { width: 900, height: 900 } });
    await until("the stage shows a picture", () => isDrawn(again));
    await again.waitForTimeout(1200);
    await shows(again, 4);
    const other = await shareLink(again);
    assert.match(other, /&rotate=90$/);
    const [one, two] = [link, other].map((address) => regionOf(address));
    const middle = ([x, y, width, height]) => [x + width / 2, y + height / 2];
    middle(one).forEach((value, side) => assert.ok(Math.abs(value - middle(two)[side]) < 30, `${one} and ${two}`));
    // As much as fits the stage, which is wider than high.
    assert.ok(two[2] >= one[2] * 0.9 && two[3] >= one[3] * 0.9, `${one} and ${two}`);
    await again.locator(".share-part input").uncheck();
    await until("the whole page", async () => !(await again.locator("#share-link").inputValue()).includes("xywh"));
    assert.deepEqual(again.problems, []);
    await Promise.all([close(page), close(again)]);
  });

  test("a page seen whole is shared without a part, and the item without a page", async () => {
    const page = await visit(TAKE_AWAY);
    assert.equal(await shareLink(page), `${world.url}${TAKE_AWAY}`);
    assert.ok(!(await page.locator(".share-part").isVisible()));
    await page.locator("[data-action=next]").click();
    await until("the page is in it", async () => (await page.locator("#share-link").inputValue()) === `${world.url}${TAKE_AWAY}#page-0002`);
    const embed = await page.locator("#share-embed").inputValue();
    const title = await page.evaluate((code) => new DOMParser().parseFromString(code, "text/html").querySelector("iframe").title, embed);
    assert.equal(title, HOSTILE);
    assert.ok(embed.startsWith(`<iframe src="${world.url}${TAKE_AWAY}?embed#page-0002"`), embed);
    await close(page);
  });

  test("a Content State names the canvas and its part, and opens it again", async () => {
    const page = await visit(`${BOOK}#page-0006&xywh=225,300,450,600`, { viewport: { width: 900, height: 900 } });
    await until("the stage shows a picture", () => isDrawn(page));
    await page.waitForTimeout(1200);
    await shareLink(page);
    const address = new URL(await page.locator("#share-state").inputValue());
    const state = decoded(address.searchParams.get("iiif-content"));
    assert.equal(state.type, "Annotation");
    assert.ok(state.target.id.startsWith(`${world.url}${BOOK}canvas/0006#xywh=`), state.target.id);
    assert.deepEqual(state.target.partOf, [{ id: `${world.url}${BOOK}manifest.json`, type: "Manifest" }]);
    const again = await visit(`${BOOK}${address.search}`, { viewport: { width: 900, height: 900 } });
    await shows(again, 5);
    assert.match(again.url(), /extras\/book\/#page-0006&xywh=/, "the address is one that a reader understands");
    await again.waitForTimeout(1200);
    const [one, two] = [state.target.id, await shareLink(again)].map(regionOf);
    one.forEach((value, side) => assert.ok(Math.abs(value - two[side]) < 40, `${one} and ${two}`));
    await Promise.all([close(page), close(again)]);
  });

  test("every form of a Content State is read: a canvas, a selector, plain JSON", async () => {
    const canvas = `${world.url}${BOOK}canvas/0007`;
    const forms = [
      encoded({ id: canvas, type: "Canvas", partOf: [{ id: `${world.url}${BOOK}manifest.json`, type: "Manifest" }] }),
      encoded({ type: "Annotation", target: [{ type: "SpecificResource", source: { id: canvas, type: "Canvas" }, selector: { type: "FragmentSelector", value: "xywh=0,0,450,600" } }] }),
      encodeURIComponent(JSON.stringify({ type: "Annotation", target: canvas })),
      encodeURIComponent(canvas),
    ];
    for (const form of forms) {
      const page = await visit(`${BOOK}?iiif-content=${form}`);
      await shows(page, 6);
      assert.deepEqual(page.problems, []);
      await close(page);
    }
  });

  test("a Content State that is garbage, too long, or of another item changes nothing", async () => {
    let deep = "x";
    for (let level = 0; level < 40; level++) deep = { target: deep };
    const other = encoded({ id: `${world.url}${TAKE_AWAY}canvas/0002`, type: "Canvas" });
    for (const garbage of ["%25%25%25", "!!", "A".repeat(4000), encoded(deep), encoded(null), encoded([[[]]]), encoded({ target: { id: 7 } }), other, ""]) {
      const page = await visit(`${BOOK}?iiif-content=${garbage}`);
      await shows(page, 1, "");
      assert.deepEqual(page.problems, []);
      await close(page);
    }
  });

  test("a part of a page that is garbage shows the whole page", async () => {
    for (const garbage of ["xywh=a", "xywh=1,2,3", "xywh=0,0,0,0", "xywh=99999,99999,10,10", "rotate=45", "xywh=-1,0,5,5&x=y", "%00=%ff"]) {
      const page = await visit(`${BOOK}#page-0005&${garbage}`);
      await shows(page, 4);
      assert.match(await shareLink(page), /#page-0005$/, garbage);
      assert.deepEqual(page.problems, []);
      await close(page);
    }
  });

  test("in a frame there is the viewer, and a link to the item", async () => {
    const page = await visit(`${BOOK}?embed#page-0005`, { viewport: { width: 800, height: 600 } });
    await until("the stage shows a picture", () => isDrawn(page));
    await shows(page, 4);
    for (const part of [".site-header", ".about", ".jump", ".site-footer"]) assert.ok(!(await page.locator(part).isVisible()), part);
    assert.equal(await page.locator(".embed-source a").getAttribute("href"), `${world.url}${BOOK}`);
    const fits = await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight + 1 && document.documentElement.scrollWidth <= innerWidth);
    assert.ok(fits, "it scrolls");
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  test("other viewers are a link away and get what is shown; nothing of them is loaded", async () => {
    const page = await visit(TAKE_AWAY);
    await page.locator(".open-in summary").click();
    const links = page.locator(".open-in a");
    assert.deepEqual(await links.allTextContents(), ["Mirador", "Universal Viewer", "Clover", "Theseus"]);
    const manifest = encodeURIComponent(`${world.url}${TAKE_AWAY}manifest.json`);
    for (const href of await links.evaluateAll((all) => all.map((link) => link.href))) assert.ok(href.includes(manifest), href);
    assert.match(await links.first().getAttribute("rel"), /noreferrer/);
    await page.locator("[data-action=next]").click();
    await until("the page is in it", async () => !(await links.last().getAttribute("href")).includes(manifest));
    const state = decoded(new URL(await links.last().getAttribute("href")).searchParams.get("iiif-content"));
    assert.equal(state.target.id, `${world.url}${TAKE_AWAY}canvas/0002`);
    assert.deepEqual(page.problems, []);
    await close(page);
  });

  for (const viewport of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      test(`what is taken away fits ${viewport.width} pixels in ${colorScheme} colours`, async () => {
        const page = await visit(TAKE_AWAY, { viewport, colorScheme });
        for (const part of [".references", ".share", ".open-in"]) await page.locator(`${part} summary`).click();
        assert.deepEqual(await violations(page), []);
        await page.locator("[data-menu=downloads]").click();
        await page.locator(".menu").waitFor();
        assert.deepEqual(await violations(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
        const [menu, stage] = await Promise.all([".menu", ".viewer"].map((name) => page.locator(name).boundingBox()));
        assert.ok(menu.x >= stage.x && menu.x + menu.width <= stage.x + stage.width + 1, "the menu is within the viewer");
        await close(page);
      });
    }
  }

  test("a long item is cited and downloaded as any other, and asks for nothing before", async () => {
    const page = await visit(`${LONG}#page-0077`);
    assert.ok(!page.requested.some((address) => /assets\/share-/.test(address)), "its script waits for the reader");
    await page.locator("[data-menu=downloads]").click();
    const download = page.waitForEvent("download");
    await page.locator(".menu-page a").last().click();
    assert.equal((await download).suggestedFilename(), "extras-long_0077.jpg");
    assert.match(await page.locator(".citation").textContent(), /p\. 0077/);
    await close(page);
  });
}

function focused(page) {
  return page.evaluate(() => document.activeElement.textContent.replace(/\s+/g, " ").trim());
}

/** The link of the share section, which is opened for it. */
async function shareLink(page) {
  const share = page.locator(".share");
  if ((await share.getAttribute("open")) === null) await share.locator("summary").click();
  await share.locator("summary").hover();
  const field = page.locator("#share-link");
  await until("there is a link", async () => (await field.inputValue()) !== "");
  await page.waitForTimeout(100);
  return field.inputValue();
}

function regionOf(address) {
  return /xywh=([\d,]+)/.exec(address)[1].split(",").map(Number);
}

function decoded(state) {
  return JSON.parse(decodeURIComponent(Buffer.from(state, "base64url").toString("latin1")));
}

function encoded(state) {
  return Buffer.from(encodeURIComponent(JSON.stringify(state)), "latin1").toString("base64url");
}
