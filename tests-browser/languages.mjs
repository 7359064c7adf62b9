// Titles and texts in several languages, long ones, and pages whose words run from right to left.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { close, open, VIEWS } from "./browser.mjs";
import { grey } from "./png.mjs";
import { violations } from "./pages.mjs";
import { serve } from "./site.mjs";

/** A word of the theme in each language that it reads from right to left. */
const ABOUT = { ar: "عن هذه القطعة", he: "על הפריט" };
const WORDS = `skip_to_content = "انتقل إلى المحتوى"
about_item = "عن هذه القطعة"
about_collection = "عن هذه المجموعة"
`;

const sentence = (letters) => "The history of a very long title, told at length. ".repeat(200).slice(0, letters).trim();
const ITEMS = {
  several: 'label = { en = "Letter", ar = "رسالة", de = "Brief" }\nsummary = { en = "A letter", ar = "رسالة قديمة" }\n',
  long: `label = "${sentence(120)}"\n`,
  "very-long": `label = "${sentence(900)}"\n`,
  endless: `label = "${"x".repeat(5000)}"\n`,
  hostile: 'label = "<b onclick=alert(1)>\\u202eAb</b>"\nsummary = "<img src=x onerror=alert(1)>"\n',
};

export function testLanguages(world) {
  let folder;
  let site;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "iiif-build-languages-"));
    const put = async (name, data) => {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), data);
    };
    for (const [name, item] of Object.entries(ITEMS)) {
      await put(`content/${name}/item.toml`, item);
      await put(`content/${name}/1.png`, grey(300, 400));
    }
    await put("templates/words.ar.toml", WORDS);
    await put("english.toml", 'language = "en"\n');
    await put("arabic.toml", 'language = "ar"\n');
    await put("hebrew.toml", 'language = "he"\n');
    const place = (name) => path.join(folder, name);
    const parts = { content: place("content"), templates: place("templates") };
    const served = async (settings) => serve({ folders: { ...parts, "iiif-build.toml": place(settings) } });
    site = { en: await served("english.toml"), ar: await served("arabic.toml"), he: await served("hebrew.toml") };
  });
  after(async () => {
    await site?.en.stop();
    await site?.ar.stop();
    await site?.he.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  const visit = (language, address, options) => open(world.browser, site[language].url + address, options);

  test("a translation is one step away, with its own language and direction, under the title that it is of", async () => {
    const page = await visit("en", "several/");
    const arabic = page.locator('.item-heading .translation[lang="ar"]');
    assert.equal(await arabic.isVisible(), false);
    await page.locator(".item-heading .translations summary").click();
    assert.equal(await arabic.getAttribute("dir"), "rtl");
    const [title, translation] = await Promise.all([page.locator("h1"), arabic].map((part) => part.boundingBox()));
    assert.ok(Math.abs(title.x - translation.x) < 24, `it begins at ${translation.x}, its title at ${title.x}`);
    assert.deepEqual(await violations(page), []);
    await close(page);
  });

  for (const [view, options] of Object.entries(VIEWS)) {
    test(`a very long title shows six lines on a ${view}, and all of it on demand`, async () => {
      const page = await visit("en", "very-long/", options);
      const height = async () => (await page.locator("h1").boundingBox()).height;
      const line = await page.locator("h1").evaluate((title) => parseFloat(getComputedStyle(title).lineHeight));
      const short = await height();
      assert.ok(short <= line * 6.1, `${short / line} lines`);
      await page.locator(".full-title summary").focus();
      await page.keyboard.press("Enter");
      assert.ok((await height()) > short * 1.5);
      await close(page);
    });

    for (const name of ["long", "endless", "hostile"]) {
      test(`an item with a ${name} title fits a ${view}`, async () => {
        for (const address of ["", `${name}/`]) {
          const page = await visit("en", address, options);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
          assert.deepEqual(await violations(page), []);
          assert.deepEqual(page.problems, []);
          await close(page);
        }
      });
    }

    for (const language of ["ar", "he"]) test(`a page in the language ${language} is a mirror on a ${view}`, async () => {
      const page = await visit(language, "several/", options);
      assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [language, "rtl"]);
      assert.equal((await page.locator("#about").textContent()).trim(), ABOUT[language]);
      const words = await page.locator("main :is(button, summary, h2, h3, label, dt)").allTextContents();
      const english = words.filter((text) => /[a-z]{4,}/.test(text) && !/IIIF|English|Deutsch|Shift/.test(text));
      assert.deepEqual(english, [], "English words");
      assert.equal(await page.locator("[data-format=bibtex]").evaluate((text) => getComputedStyle(text).direction), "ltr", "code is no sentence");
      const title = await page.locator(".site-title").boundingBox();
      assert.ok(title.x + title.width > options.viewport.width / 2, "the site's name is on the right");
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }
}
