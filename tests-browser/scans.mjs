// Items for tests, made of scans that are drawn here: a book with all that a page can have, and a long one.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { png } from "./png.mjs";

/** Pages 1 to 8 of a bound book: 3 is missing, 4 is a foldout, 2 has layers, notes and metadata; it begins with 2. */
export const BOOK = "extras/book/";
/** More pages than an item's own page has figures for, in five chapters. */
export const LONG = "extras/long/";
export const LONG_PAGES = 130;
/** A bound book read from right to left, of which page 3 is missing. */
export const LEFTWARDS = "extras/leftwards/";
/** Parts of one scroll. */
export const SCROLL = "extras/scroll/";

/** A PNG of a page: paper with lines of a colour of its own, so that no two are alike. */
export function scan(width, height, number) {
  const row = Buffer.alloc(1 + width * 3);
  const rows = [];
  for (let y = 0; y < height; y++) {
    const isLine = y % 40 < 14 && y > 60 && y < height - 60;
    for (let x = 0; x < width; x++) {
      const isInk = isLine && x > 50 && x < width - 50 && (x * 7 + (y >> 5) * 131 + number * 17) % 97 > 20;
      const paper = [238 - (x % 9), 228 - (y % 7), 205];
      row.set(isInk ? [30 + ((number * 37) % 120), 40 + ((x >> 3) % 60), 50 + ((number * 11) % 90)] : paper, 1 + x * 3);
    }
    rows.push(Buffer.from(row));
  }
  return png(width, height, Buffer.concat(rows));
}

export async function addScans(content) {
  const put = async (name, data) => {
    const file = path.join(content, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, data);
  };
  const name = (number) => String(number).padStart(4, "0");
  for (const number of [1, 2, 4, 5, 6, 7, 8]) {
    const [width, height] = number === 4 ? [1800, 1200] : [900, 1200];
    await put(`${BOOK}${name(number)}.png`, scan(width, height, number));
  }
  await put(`${BOOK}0002-uv.png`, scan(900, 1200, 99));
  await put(`${BOOK}item.toml`, BOOK_ITEM);
  await put(`${BOOK}notes.csv`, BOOK_NOTES);
  for (let number = 1; number <= LONG_PAGES; number++) await put(`${LONG}${name(number)}.png`, scan(210, 280, number));
  await put(`${LONG}item.toml`, LONG_ITEM);
  for (const number of [1, 2]) await put(`${LEFTWARDS}${name(number)}.png`, scan(300, 400, 300 + number));
  await put(`${LEFTWARDS}item.toml`, 'label = "Leftwards"\nbehavior = ["paged"]\nviewing-direction = "right-to-left"\n[pages."0003.png"]\nmissing = true\n');
  for (let number = 1; number <= 4; number++) await put(`${SCROLL}${name(number)}.png`, scan(600, 400, 200 + number));
  await put(`${SCROLL}item.toml`, 'label = "A scroll"\nbehavior = ["continuous"]\nviewing-direction = "top-to-bottom"\n');
}

const BOOK_ITEM = `
label = "A book with everything"
behavior = ["paged"]
start = "0002"
annotations = "notes.csv"

[pages."0001.png"]
label = "cover"

[pages."0002.png"]
label = "1"
metadata = [{ label = "Hand", value = "<i>Second</i> scribe" }]
layers = [
  { file = "0002.png", label = "Natural light" },
  { file = "0002-uv.png", label = "Ultraviolet" },
]

[pages."0003.png"]
label = "2"
missing = true
metadata = [{ label = "Fate", value = "Lost in 1790" }]

[pages."0004.png"]
label = "foldout"
behavior = ["facing-pages"]

[pages."0005.png"]
label = "3"

[pages."0006.png"]
label = "4"

[pages."0007.png"]
label = "5"

[pages."0008.png"]
label = "chart"
behavior = ["non-paged"]

[[structures]]
label = "Contents"

[[structures.structures]]
label = "First part"
pages = ["0001", "0002", "0003"]

[[structures.structures]]
label = "Second part"
pages = ["0004"]

[[structures.structures.structures]]
label = "A chapter within"
pages = ["0005", "0006", "0007", "0008"]
`;

const BOOK_NOTES = `page,xywh,text,motivation,format
0002,"90,120,450,240","<b>Initial</b> with a dragon<script>document.title='no'</script>",commenting,text/html
0002,,A note on the whole page,commenting,
`;

const LONG_ITEM = `
label = "A long book"
${[0, 1, 2, 3, 4]
  .map((part) => {
    const pages = Array.from({ length: 26 }, (_, index) => `"${String(part * 26 + index + 1).padStart(4, "0")}"`);
    return `[[structures]]\nlabel = "Chapter ${part + 1}"\npages = [${pages.join(", ")}]\n`;
  })
  .join("\n")}
[pages."0077.png"]
metadata = [{ label = "Hand", value = "Second scribe" }]
`;
