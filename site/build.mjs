// Bundles src/ into dist/: assets with a content hash in their names, assets.json that maps plain to hashed names, and
// the licences of everything that went into the bundle.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

process.chdir(import.meta.dirname);
await rm("dist", { recursive: true, force: true });

// What of OpenSeadragon is changed on its way into the bundle. A pattern that finds nothing ends the build.
const changes = [
  {
    // It writes a style element into the page, which a strict Content-Security-Policy forbids. It would take the mark of the
    // focus from readers with a touch screen and a keyboard.
    what: "its style element",
    pattern: /if \(!document\.querySelector\('style\[data-openseadragon-mobile-css\]'\)\) \{[^]*?document\.head\.appendChild\(style\);\s*\}/,
    instead: "",
  },
  {
    // It draws each tile one pixel of the screen wider and higher than it is, and the next tile over that. Of a page that is
    // seen whole on a phone, four pixels of the scan were lost at each seam: half a line of small print. Edges on whole pixels
    // leave no gap either.
    what: "the edges of tiles",
    pattern: /sizeC = sizeC\.plus\( new \$\.Point\(1, 1\)\);/,
    instead: `const onScreen = (edge) => Math.round(edge * $.pixelDensityRatio) / $.pixelDensityRatio;
      const end = positionC.plus(sizeC);
      positionC.x = onScreen(positionC.x);
      positionC.y = onScreen(positionC.y);
      sizeC = new $.Point(onScreen(end.x) - positionC.x, onScreen(end.y) - positionC.y);`,
  },
];
const changedOpenSeadragon = {
  name: "changed-openseadragon",
  setup(building) {
    building.onLoad({ filter: /[\\/]openseadragon\.js$/ }, async ({ path: file }) => {
      let contents = await readFile(file, "utf8");
      for (const { what, pattern, instead } of changes) {
        if (!pattern.test(contents)) throw new Error(`${file} has another way with ${what}`);
        contents = contents.replace(pattern, () => instead);
      }
      return { contents, loader: "js" };
    });
  },
};

const settings = {
  entryNames: "[name]-[hash]",
  outdir: "dist/assets",
  bundle: true,
  minify: true,
  target: ["es2020", "chrome87", "firefox78", "safari15"],
  legalComments: "none",
  banner: { js: "/*! Licences of third parties: THIRD-PARTY-NOTICES.txt */" },
  metafile: true,
  plugins: [changedOpenSeadragon],
  logLevel: "warning",
};

// The viewer asks for these when a reader wants them. Not by esbuild's splitting: what they share would be a third file,
// which every reader would wait for.
const entryPoints = {
  reading: "src/text/reading.ts",
  views: "src/views/views.ts",
  share: "src/share/share.ts",
  recordings: "src/recordings/recordings.ts",
};
const { metafile: later } = await build({ ...settings, format: "esm", entryPoints });
const addressOf = (name) => {
  const file = Object.keys(later.outputs).find((file) => later.outputs[file].entryPoint === entryPoints[name]);
  return `./${path.basename(file)}`;
};
const [reading, views, share, recordings] = Object.keys(entryPoints).map(addressOf);
const { metafile } = await build({
  ...settings,
  entryPoints: {
    viewer: "src/viewer.ts",
    scripted: "src/scripted.ts",
    collection: "src/collection.ts",
    theme: "src/css/theme.css",
  },
  define: {
    READING: JSON.stringify(reading),
    VIEWS: JSON.stringify(views),
    SHARE: JSON.stringify(share),
    RECORDINGS: JSON.stringify(recordings),
  },
  external: [reading, views, share, recordings],
});

// The icon, named as esbuild names its files.
const icon = await readFile("src/icon.svg");
const iconName = `icon-${hashed(icon)}.svg`;
await writeFile(`dist/assets/${iconName}`, icon);

const names = Object.entries(metafile.outputs).map(([file, { entryPoint }]) => [
  path.basename(entryPoint).replace(/\.ts$/, ".js"),
  path.posix.relative("dist", file),
]);
names.push(["icon.svg", `assets/${iconName}`]);
await writeFile("dist/assets.json", JSON.stringify(Object.fromEntries(names.sort()), null, 2) + "\n");

const inputs = Object.keys({ ...later.inputs, ...metafile.inputs });
const bundled = inputs.filter((file) => file.startsWith("node_modules/"));
const packages = [...new Set(bundled.map((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)[1]))].sort();
await mkdir("dist/assets", { recursive: true });
await writeFile("dist/assets/THIRD-PARTY-NOTICES.txt", (await Promise.all(packages.map(notice))).join("\n"));

// Eight letters and digits, as in base 32.
function hashed(bytes) {
  const digest = createHash("sha256").update(bytes).digest();
  return [...digest.subarray(0, 8)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]).join("");
}

async function notice(name) {
  const folder = `node_modules/${name}`;
  const { version, license, homepage } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const licence = await licenceText(folder);
  const files = bundled.filter((file) => file.startsWith(`${folder}/`));
  const sources = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const borrowed = [...new Set(sources.flatMap((source) => borrowedNotices(source, licence)))];
  const apache = borrowed.some((text) => text.includes("Apache-2.0")) ? [await licenceText("node_modules/typescript")] : [];
  return [`${name} ${version} (${license})\n${homepage}`, licence, ...borrowed, ...apache].join(`\n${"-".repeat(80)}\n`) + "\n";
}

async function licenceText(folder) {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.\w+)?$/i.test(name));
  if (!file) throw new Error(`${folder} has no licence file`);
  return readFile(`${folder}/${file}`, "utf8");
}

// Code that a package took from elsewhere keeps its own notice in a comment.
function borrowedNotices(source, licence) {
  const holders = licence.match(/^Copyright .*$/gm) ?? [];
  return (source.match(/\/\*[^]*?\*\//g) ?? [])
    .map((comment) => comment.replace(/^\/\*+\n?|\s*\*\/$/g, "").replace(/^ \* ?/gm, "").trim())
    .filter((text) => (text.match(/^Copyright .*$/gm) ?? []).some((line) => !isOwn(line, holders)));
}

function isOwn(line, holders) {
  const holder = (text) => text.replace(/^Copyright (\(c\) )?[\d-]+,? */i, "");
  return holders.some((own) => holder(own) === holder(line));
}
