// A printed item: its title, the page that is shown, how it is cited, and what is known about it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open, until } from "./browser.mjs";
import { BOOK } from "./scans.mjs";
import { INTERVIEW, TAKE_AWAY } from "./take_aways.mjs";
import { isDrawn } from "./viewer.mjs";

/** A4 at 96 dots to the inch. */
const SHEET = { width: 794, height: 1123 };

export function testPrint(world) {
  async function printed(path, options = {}) {
    const page = await open(world.browser, world.url + path, { viewport: SHEET, ...options });
    if (options.javaScriptEnabled !== false && path !== INTERVIEW) await until("the stage shows a picture", () => isDrawn(page));
    await page.emulateMedia({ media: "print" });
    return page;
  }

  test("a sheet has the title, the page at up to 60 % of its height, and the citation with its address", async () => {
    const page = await printed(`${TAKE_AWAY}#page-0003`);
    const picture = page.locator(".stage .picture");
    await until("the picture is loaded", () => picture.evaluate((img) => img.complete && img.naturalWidth > 0));
    assert.match(await picture.getAttribute("src"), /take-away_0003/);
    const [title, image, citation, metadata] = await Promise.all(
      ["h1", ".stage .picture", ".citation", ".about > .metadata"].map((name) => page.locator(name).first().boundingBox()),
    );
    assert.ok(image.height > 300 && image.height <= SHEET.height * 0.6, `${image.height}`);
    assert.ok(title.y < image.y && image.y + image.height <= citation.y && citation.y < metadata.y, "in this order");
    assert.ok(citation.y + citation.height < SHEET.height, "on the first sheet");
    assert.match(await page.locator(".citation").textContent(), /p\. 0003[^]*#page-0003/);
    assert.ok((await page.locator(".citation").textContent()).includes(world.url));
    for (const part of [".toolbar", ".strip", ".zoomable", ".menu", ".references", ".share", ".open-in", ".take-away button", ".site-footer"]) {
      assert.ok(!(await page.locator(part).first().isVisible()), part);
    }
    await close(page);
  });

  test("what is known is printed in two columns, and links name their hosts", async () => {
    const page = await printed(TAKE_AWAY);
    assert.equal(await page.locator(".about > .metadata").first().evaluate((list) => getComputedStyle(list).columnCount), "2");
    const after = (name) => page.getByRole("link", { name }).first().evaluate((link) => getComputedStyle(link, "::after").content);
    assert.match(await after("Catalogue"), /catalogue\.example/);
    assert.match(await after("long list"), /elsewhere\.example/);
    await close(page);
  });

  test("an item with one image prints it, on two sheets at most", async () => {
    const page = await printed("balloon-1786/");
    assert.ok(await page.locator(".stage .picture").isVisible());
    const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
    const sheets = pdf.match(/\/Type\s*\/Page\b/g).length;
    assert.ok(sheets <= 2, `${sheets} sheets`);
    await close(page);
  });

  test("without script each page is printed with its label, and the citation", async () => {
    const page = await printed(BOOK, { javaScriptEnabled: false });
    assert.ok(await page.locator("#page-0002 img").first().isVisible());
    assert.ok(await page.locator("#page-0002 .page-label").isVisible());
    assert.ok(await page.locator(".citation").isVisible());
    await close(page);
  });

  test("of a recording the words are printed", async () => {
    const page = await printed(INTERVIEW);
    assert.ok(await page.getByText("And that was all.").isVisible());
    assert.ok(!(await page.locator("audio").first().isVisible()));
    await close(page);
  });
}
