// A project with more items than a page of a collection holds, drawn here.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { grey } from "./png.mjs";

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

/** One member for each decade from 1480 on, with titles that differ at their end. */
export const DECADES = 40;
const letter = (number) => `label = "Letter of the harbour master to the town council about dues, number ${number}"
metadata = [{ label = "Date", value = "${1480 + 10 * number}" }]
`;

/** Content with one large collection, and one of many decades; resolves to its folder. Whoever asks for it removes it. */
export async function largeContent() {
  const content = await mkdtemp(path.join(tmpdir(), "iiif-build-large-"));
  const picture = grey(60, 80);
  for (let number = 0; number < MEMBERS; number++) {
    const folder = path.join(content, "archive", String(number).padStart(4, "0"));
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "1.png"), picture);
    await writeFile(path.join(folder, "item.toml"), item(number));
  }
  for (let number = 0; number < DECADES; number++) {
    const folder = path.join(content, "decades", String(number));
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "1.png"), picture);
    await writeFile(path.join(folder, "item.toml"), letter(number));
  }
  await writeFile(path.join(content, "archive/collection.toml"), 'label = "Archive"\nsummary = "Papers of <i>many</i> hands."\n');
  return { content, remove: () => rm(content, { recursive: true, force: true }) };
}
