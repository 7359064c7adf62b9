// Every Manifest and Collection that the test projects give, as other programs of the IIIF community read them: against
// the JSON schema of Presentation API 3, and in @iiif/parser. Those of version 2 are brought to version 3 by the parser,
// as viewers do, and held to the same. IIIF_BUILD_DOCUMENTS names the folders of documents (scripts/test-documents);
// without it they are the snapshots of tests/cookbook/.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { describe, test } from "node:test";
import { Validator } from "@hyperion-framework/validator";
import { Traverse } from "@iiif/parser";
import { presentation3StrictUpgrade } from "@iiif/parser/strict";
import { upgrade } from "@iiif/parser/upgrader";

const COOKBOOK = path.join(import.meta.dirname, "..", "tests", "cookbook");
const roots = process.env.IIIF_BUILD_DOCUMENTS?.split(path.delimiter) ?? [COOKBOOK];

/** Manifests and Collections of versions 3 and 2 below a folder, by path. */
async function documents(root) {
  const files = await readdir(root, { recursive: true });
  const [found, older] = [[], []];
  for (const file of files.filter((name) => /(manifest|collection)(\.v2)?\.json$/.test(name)).sort()) {
    const json = JSON.parse(await readFile(path.join(root, file), "utf8"));
    if (json.type === "Manifest" || json.type === "Collection") found.push([file, json]);
    if (json["@type"] === "sc:Manifest" || json["@type"] === "sc:Collection") older.push([file, json]);
  }
  return { found, older };
}

/** Whatever is within, from the inside out. */
function walk(value, visit) {
  if (value === null || typeof value !== "object") return;
  Object.values(value).forEach((inner) => walk(inner, visit));
  visit(value);
}

/** What the parser would have to put right. */
function warnings(document) {
  const copy = structuredClone(document);
  // The language of an annotation's body is a string in the schema and in all recipes, a list to the parser.
  walk(copy, (thing) => {
    if (/^(Text|TextualBody)$/.test(thing.type) && typeof thing.language === "string") thing.language = [thing.language];
  });
  const state = { warnings: [] };
  presentation3StrictUpgrade(copy, state);
  return state.warnings;
}

/** What the schema says of it; extensions, which it does not know, are set aside. */
function violations(document) {
  const copy = structuredClone(document);
  walk(copy, (thing) => delete thing.navPlace);
  const validator = new Validator();
  const kind = document.type.toLowerCase();
  return validator.validateCustom(kind, copy) ? [] : validator.validators[kind].errors;
}

/** How many things of each type the parser finds. */
function counted(document) {
  const counts = {};
  const count = (thing) => {
    if (thing?.type) counts[thing.type] = (counts[thing.type] ?? 0) + 1;
    return thing;
  };
  Traverse.all(count).traverseUnknown(structuredClone(document));
  return counts;
}

for (const root of roots) {
  const { found, older } = await documents(root);
  test(`${root} has documents`, () => assert.ok(found.length > 0));
  describe(`documents of ${root}`, () => {
    for (const [file, document] of found) {
      test(file, () => {
        assert.deepEqual(violations(document), []);
        assert.deepEqual(warnings(document), []);
        const counts = counted(document);
        assert.ok(counts[document.type] >= 1);
        if (document.type === "Manifest") assert.ok(counts.Canvas >= document.items.length);
      });
    }
    for (const [file, document] of older) {
      test(file, () => {
        const upgraded = upgrade(structuredClone(document));
        assert.deepEqual(violations(upgraded), []);
        const members = [document.sequences?.[0].canvases, document.collections, document.manifests].flat();
        assert.equal(upgraded.items.length, members.filter(Boolean).length);
      });
    }
  });
}
