// A project with more items than a page of a collection holds, drawn here.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32, deflateSync } from "node:zlib";

export const MEMBERS = 130;

/** The title of the item `number`: not in the order of the numbers. */
export const title = (number) => `${["Zeitung", "Atlas", "Über Land", "Études"][number % 4]} ${number}`;

const item = (number) => `label = ${JSON.stringify(title(number))}
metadata = [
  { label = "Creator", value = "${["Maria Sibylla Merian", "Immanuel Kant"][number % 2]}" },
  { label = "Date", value = "${1650 + number}" },
  { label = "Shelfmark", value = "MS ${number}" },
]
`;

/** Content with one large collection; resolves to its folder. Whoever asks for it removes it. */
export async function largeContent() {
  const content = await mkdtemp(path.join(tmpdir(), "iiif-build-large-"));
  const picture = grey(60, 80);
  for (let number = 0; number < MEMBERS; number++) {
    const folder = path.join(content, "archive", String(number).padStart(4, "0"));
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "1.png"), picture);
    await writeFile(path.join(folder, "item.toml"), item(number));
  }
  await writeFile(path.join(content, "archive/collection.toml"), 'label = "Archive"\nsummary = "Papers of <i>many</i> hands."\n');
  return { content, remove: () => rm(content, { recursive: true, force: true }) };
}

export function grey(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height, 200);
  for (let y = 0; y < height; y++) rows[y * (width + 1)] = 0;
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  return whole;
}
