// Folding and search, outside of a page: the scripts of the theme, bundled for Node.js.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";

const SITE = path.join(import.meta.dirname, "../site");
const FOLD = path.join(SITE, "src/fold.json");

const loaded = new Map();

/** A script of the theme with all that it imports. */
export function load(name) {
  if (!loaded.has(name)) loaded.set(name, bundle(name));
  return loaded.get(name);
}

async function bundle(name) {
  const { build } = createRequire(path.join(SITE, "package.json"))("esbuild");
  const entryPoints = [path.join(SITE, "src/text", name)];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: "esm", write: false, target: "es2020" });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

export function testSearch() {
  test("what is alike to a reader is folded alike: the examples of the table", async () => {
    const { fold, origins } = await load("fold.ts");
    const { examples } = JSON.parse(await readFile(FOLD, "utf8"));
    for (const [text, folded] of examples) {
      assert.equal(fold(text), folded, text);
      assert.equal(origins(text).length, folded.length + 1, text);
    }
  });

  test("a question has phrases in quotes, words beside them, and a last word that may go on", async () => {
    const { parse } = await load("query.ts");
    const written = (question) => parse(question).map(({ words, open }) => words.join(" ") + (open ? "*" : ""));
    assert.deepEqual(written("Was ist"), ["was", "ist*"]);
    assert.deepEqual(written('Muth "eigenen Verſtandes" bedie'), ["muth", "eigenen verstandes", "bedie*"]);
    assert.deepEqual(written('"eigenen Verst'), ["eigenen verst*"]);
    assert.deepEqual(written("„Sapere aude“"), ["sapere aude"]);
    assert.deepEqual(written("ist "), ["ist"]);
    assert.deepEqual(written("l’homme"), ["l homme*"]);
    assert.deepEqual(written(' "" — ?! '), []);
    assert.equal(parse("a".repeat(100_000))[0].words[0].length, 200);
  });

  const page = (lines, more = {}) => ({ page: "1", lines, ...more });
  const hits = async (text, question) => {
    const [{ foundOn, marksOf }, { parse }] = await Promise.all([load("search.ts"), load("query.ts")]);
    const { folded, ranges } = foundOn(text, parse(question));
    return ranges.map((range) => marksOf(folded, range).map(({ line, from, to }) => text.lines[line].slice(from, to)).join("|"));
  };

  test("a word is found however it is spelled, and shown as it stands", async () => {
    const text = page(["Auffklaͤrung iſt der Auſgang", "des Menſchen, ſelbſt verſchuldet;", "Œuvre d’un Straßenfeſt: ﬂießen"]);
    assert.deepEqual(await hits(text, "auffklärung"), ["Auffklaͤrung"]);
    assert.deepEqual(await hits(text, "MENSCHEN"), ["Menſchen"]);
    assert.deepEqual(await hits(text, "strassenfest"), ["Straßenfeſt"]);
    assert.deepEqual(await hits(text, "oeuvre d'un"), ["Œuvre", "d’un"]);
    assert.deepEqual(await hits(text, "fliessen"), ["ﬂießen"]);
    assert.deepEqual(await hits(text, "aus"), ["Auſgang"], "the last word may go on");
    assert.deepEqual(await hits(text, "aus "), [], "unless a space ends it");
    assert.deepEqual(await hits(text, "ufgang"), [], "no word begins in another one");
  });

  test("words that a line divides are one word, phrases go over the ends of lines", async () => {
    const text = page(["der Auf-", "klaͤrung wegen, Muth⸗", "willig. Sapere", "aude! Auf der"], { divided: [0, 1] });
    assert.deepEqual(await hits(text, "aufklärung"), ["Auf-|klaͤrung"]);
    assert.deepEqual(await hits(text, "muthwillig"), ["Muth⸗|willig"]);
    assert.deepEqual(await hits(text, '"sapere aude"'), ["Sapere|aude"]);
    assert.deepEqual(await hits(text, '"aude sapere"'), []);
    assert.deepEqual(await hits(text, "auf "), ["Auf"]);
  });

  test("several words must all be on the page, and each is shown where it stands", async () => {
    const text = page(["der Muth und der Wille", "der That"]);
    assert.deepEqual(await hits(text, "wille der"), ["der", "der", "Wille", "der"]);
    assert.deepEqual(await hits(text, "wille nirgends"), []);
  });

  test("texts that put no space between words are found within", async () => {
    assert.deepEqual(await hits(page(["我們在東京大學讀書"]), "東京"), ["東京"]);
    assert.deepEqual(await hits(page(["שָׁלוֹם עולם 12"]), "שלום"), ["שָׁלוֹם"]);
  });

  test("a snippet has what stands around the hit, with divided words joined", async () => {
    const [{ snippet }, { foundOn, marksOf }, { parse }] = await Promise.all(["snippet.ts", "search.ts", "query.ts"].map(load));
    const text = page(["Habe Muth dich deines eigenen Verſtan-", "des zu bedienen! iſt alſo der Wahl-", "ſpruch der Aufklaͤrung."], { divided: [0, 1] });
    const at = (question) => {
      const { folded, ranges } = foundOn(text, parse(question));
      return snippet(text, marksOf(folded, ranges[0]));
    };
    assert.deepEqual(at("wahlspruch"), {
      before: "… eigenen Verſtandes zu bedienen! iſt alſo der ",
      hit: "Wahlſpruch",
      after: " der Aufklaͤrung.",
    });
    assert.equal(at("muth").before, "Habe ");
  });

  test("all parts are searched, in order, and those that are missing are named", async () => {
    const [{ search }, { parse }] = await Promise.all([load("search.ts"), load("query.ts")]);
    const files = {
      count: async () => 9,
      texts: async (part) => {
        await new Promise((resolve) => setTimeout(resolve, (part * 7) % 20));
        if (part === 4) throw new Error("missing");
        return [{ page: String(part), lines: [part % 2 === 0 ? "even" : "odd"] }];
      },
    };
    const found = [];
    const add = (some) => found.push(...some.map(({ folded }) => folded.page.page));
    assert.deepEqual(await search(files, parse("even"), add, new AbortController().signal), [4]);
    assert.deepEqual(found, ["2", "6", "8"]);
  });

  test("a hostile text is searched without a pause that a reader notices", async () => {
    const texts = ["a".repeat(1_000_000), "a ".repeat(500_000), `a${" ".repeat(1_000_000)}b`, "ſ\u0364".repeat(300_000)];
    for (const text of texts) {
      for (const question of ["a", '"a a a a a a a a a b"', "b a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaab"]) {
        const start = performance.now();
        await hits(page([text]), question).then((all) => all.length);
        assert.ok(performance.now() - start < 4000, `${text.slice(0, 9)} ${question}: ${performance.now() - start} ms`);
      }
    }
  });
}
