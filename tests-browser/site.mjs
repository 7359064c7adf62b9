// The example collection, built in a folder of its own and served: nothing of the checkout is written to.
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { addScans } from "./scans.mjs";
import { addTakeAways } from "./take_aways.mjs";

const REPOSITORY = path.dirname(import.meta.dirname);
export const BINARY = process.env.IIIF_BUILD_BIN ?? path.join(REPOSITORY, "target/debug/iiif-build");
const PATIENCE = 180_000;

/** Documents name this host. A request to it means that a page does not stay with the server it came from. */
export const PUBLISHED = "https://published.example/books/";

/** Items that the example collection has no reason to hold, made from one that it has. */
export const RIGHT_TO_LEFT = "extras/right-to-left/";
export const ODD_NAME = `extras/${encodeURIComponent("見本 (it's one)")}/`;

/** An item whose first page has text: ALTO with boxes. */
export const WITH_TEXT = "extras/with-text/";

/** The one item of a site that is served live: it is built again and again. */
export const LIVE_ITEM = "books/german/mimili-1815/";

/**
 * Builds and serves the collection, with those items if asked to; or that one item alone, live; or other folders, by
 * their places in the project. `settings` go before those of the project; `prepare` gets the folder of the project before the build. Resolves to the project's folder, the address and what ends it.
 */
export async function serve({ extras = false, live = false, folders, settings = "", prepare }) {
  const root = await mkdtemp(path.join(tmpdir(), "iiif-build-browser-"));
  const own = await readFile(path.join(REPOSITORY, "iiif-build.toml"), "utf8");
  await writeFile(path.join(root, "iiif-build.toml"), `${settings}\n${own}`);
  const example = path.join("content", live ? LIVE_ITEM : "");
  const copies = folders ?? { [example]: path.join(REPOSITORY, example) };
  for (const [name, folder] of Object.entries(copies)) await cp(folder, path.join(root, name), { recursive: true });
  if (extras) await addExtras(path.join(root, "content"));
  await prepare?.(root);

  const options = ["--root", root, "--base-url", PUBLISHED, "--port", "0", ...(live ? [] : ["--no-watch"])];
  const server = spawn(BINARY, ["serve", ...options], { stdio: ["ignore", "ignore", "pipe"] });
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    if (server.exitCode === null && server.kill()) await ended;
    await rm(root, { recursive: true, force: true });
  };
  try {
    return { root, url: await address(server), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addExtras(content) {
  const source = path.join(content, "books/german/mimili-1815");
  const names = [RIGHT_TO_LEFT, ODD_NAME].map((name) => path.join(content, decodeURIComponent(name)));
  for (const folder of names) {
    await mkdir(folder, { recursive: true });
    await cp(source, folder, { recursive: true });
  }
  await writeFile(path.join(names[0], "item.toml"), 'label = "كتاب"\nviewing-direction = "right-to-left"\n');
  await addScans(content);
  await addTakeAways(content);
  await addText(content);
}

/** The item WITH_TEXT, made from an item of the example collection. */
export async function addText(content) {
  const withText = path.join(content, WITH_TEXT);
  await cp(path.join(content, "manuscripts/sapience"), withText, { recursive: true });
  const description = await readFile(path.join(withText, "item.toml"), "utf8");
  await writeFile(path.join(withText, "item.toml"), description.replace(/^id = .*$/m, 'id = "with-text"'));
  await writeFile(path.join(withText, "0_36c2c_default.xml"), alto(["Was iſt Aufklaͤrung?", "Habe Muth, dich deines", "eigenen Verſtandes zu bedienen."]));
}

/** One block of lines, 300 pixels below each other, with words 400 pixels wide. */
function alto(lines) {
  const string = (word, line, at) =>
    `<String CONTENT="${word}" HPOS="${500 + 450 * at}" VPOS="${600 + 300 * line}" WIDTH="400" HEIGHT="200"/>`;
  const textLine = (text, line) => {
    const words = text.split(" ");
    const place = `HPOS="500" VPOS="${600 + 300 * line}" WIDTH="${450 * words.length - 50}" HEIGHT="200"`;
    return `<TextLine ID="l${line}" ${place}>${words.map((word, at) => string(word, line, at)).join("<SP/>")}</TextLine>`;
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit></Description>
<Layout><Page ID="p" WIDTH="3000" HEIGHT="4000"><PrintSpace><TextBlock ID="b" LANG="de">${lines.map(textLine).join("\n")}</TextBlock></PrintSpace></Page></Layout></alto>
`;
}

/** The address that the server tells once it answers. */
function address(server) {
  return new Promise((resolve, reject) => {
    let told = "";
    const fail = (why) => reject(new Error(`${BINARY} serve: ${why}\n${told}`));
    const timer = setTimeout(fail, PATIENCE, "no address in time");
    server.once("error", (error) => fail(error.message));
    server.once("exit", (code) => fail(`ended with ${code}`));
    server.stderr.setEncoding("utf8").on("data", (text) => {
      told += text;
      const found = told.match(/serving (http:\S+)/);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    });
  });
}
