// Real texts: a printed book, a manuscript and a page that a program has read. IIIF_BUILD_CORPUS names their folder.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { close, open, VIEWS } from "./browser.mjs";
import { violations } from "./pages.mjs";
import { serve } from "./site.mjs";
import { NARROW, said } from "./text.mjs";

const CORPUS = process.env.IIIF_BUILD_CORPUS;
const [KANT, MANUSCRIPT, LATIN] = ["kant/", "upenn_ms660_pelerinage/", "hocr_ub_mannheim_page/"];
/** Questions, with how many hits they must have at least. */
const QUESTIONS = {
  [KANT]: { aufklärung: 2, ist: 2, "berlinische monats": 2, '"was ist aufklärung"': 1, unmündigkeit: 3, menschen: 3 },
  [MANUSCRIPT]: { "pelerinage par": 2, '"mer en pelerinage"': 1, devotio: 1, pquoy: 1 },
  [LATIN]: { "prælibatis": 1, praelibatis: 1, "quæ": 1 },
};

export function testCorpus(world) {
  describe("texts of the corpus", { skip: CORPUS ? false : "no corpus" }, () => {
    let site;
    before(async () => {
      const object = (name) => path.join(CORPUS, "objects", name);
      const folders = { [`content/${MANUSCRIPT}`]: object(MANUSCRIPT), [`content/${LATIN}`]: object(LATIN) };
      for (const page of ["0017", "0020"]) {
        folders[`content/${KANT}kant_${page}.tif`] = object(`kant_aufklaerung_1784/extra-ocr/OCR-D-IMG/INPUT_${page}.tif`);
        folders[`content/${KANT}kant_${page}.xml`] = object(`kant_aufklaerung_1784/extra-ocr/ALTO/PAGE_${page}_ALTO.xml`);
      }
      site = await serve({ folders, settings: "pdf = true" });
    });
    after(() => site?.stop());

    for (const [item, questions] of Object.entries(QUESTIONS)) {
      for (const [view, options] of Object.entries({ desktop: VIEWS.desktop, phone: NARROW })) {
        test(`${item} is read and searched with the keyboard on a ${view}`, async () => {
          const page = await open(world.browser, site.url + item, options);
          await page.locator("[data-pane=search]").focus();
          await page.keyboard.press("s");
          for (const [question, least] of Object.entries(questions)) {
            await page.keyboard.press("Control+A");
            await page.keyboard.type(question);
            await page.keyboard.press("Enter");
            const answer = await said(page, /^\d+ hits? on /);
            assert.ok(parseInt(answer) >= least, `${question}: ${answer}`);
            await page.keyboard.press("Enter");
            await said(page, /^Hit 1 of /);
            await page.locator(".hit-box.current").first().waitFor();
          }
          await page.keyboard.press("Escape");
          await page.keyboard.press("t");
          await page.locator("#reader-text .line").first().waitFor();
          assert.deepEqual(await violations(page), []);
          assert.deepEqual(page.problems, []);
          await close(page);
        });
      }

      for (const [view, options] of Object.entries({ desktop: VIEWS.desktop, phone: NARROW })) {
        test(`${item} is downloaded as text and as PDF with the keyboard on a ${view}`, async () => {
          const page = await open(world.browser, site.url + item, options);
          const take = async (ending) => {
            const link = page.locator(`#about ~ * a[href$="${ending}"], .about a[href$="${ending}"]`).first();
            const address = await link.evaluate((link) => link.href);
            await link.focus();
            assert.ok(await link.evaluate((link) => link === document.activeElement && link.checkVisibility()));
            return (await page.request.get(address)).body();
          };
          const text = (await take("text.txt")).toString("utf8");
          assert.ok(text.split(/\s+/).length > 100, "the words of the pages");
          const pdf = await take(".pdf");
          assert.equal(pdf.subarray(0, 8).toString("latin1"), "%PDF-1.7");
          assert.ok(pdf.subarray(-32).toString("latin1").includes("%%EOF"));
          await close(page);
        });
      }

      test(`${item} has its text without script`, async () => {
        const page = await open(world.browser, site.url + item, { ...VIEWS.desktop, javaScriptEnabled: false });
        const links = await page.locator(".page-text, .page-text-link").count();
        assert.ok(links > 0, "text, or a link to it");
        await close(page);
      });
    }
  });
}
