// Items for tests of what readers take away: one with all that can be downloaded and cited, and one that is heard.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { scan } from "./scans.mjs";

/** Four pages of a bound book with rights, a PDF and text on page 2. Its id is `take-away`. */
export const TAKE_AWAY = "extras/take-away/";
/** Two sides of a tape; the first goes on in a second file and has captions in two languages. Its id is `interview`. */
export const INTERVIEW = "extras/interview/";

/** The length in seconds of each file. */
export const SECONDS = 20;

export const HOSTILE = `A "B" </script><img src=x onerror="document.title='no'"> & {C} 100%`;

export async function addTakeAways(content) {
  const put = async (name, data) => {
    const file = path.join(content, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, data);
  };
  for (const number of [1, 2, 3, 4]) await put(`${TAKE_AWAY}000${number}.png`, scan(900, 1200, 400 + number));
  await put(`${TAKE_AWAY}0002.txt`, "To be taken away.\n");
  await put(`${TAKE_AWAY}item.toml`, TAKE_AWAY_ITEM);
  for (const name of ["1", "1b", "2"]) await put(`${INTERVIEW}${name}.wav`, wav(SECONDS));
  await put(`${INTERVIEW}still.png`, scan(600, 400, 500));
  await put(`${INTERVIEW}1.txt`, "I was born in Bremen.\n");
  await put(`${INTERVIEW}words.vtt`, WORDS);
  await put(`${INTERVIEW}worte.srt`, "1\n00:00:05,000 --> 00:00:09,000\nIch bin in Bremen geboren.\n");
  await put(`${INTERVIEW}item.toml`, INTERVIEW_ITEM);
}

/** Silence: one channel of 8 bits, 8,000 samples a second. */
function wav(seconds) {
  const samples = seconds * 8000;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(samples + 36, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]);
}

const TAKE_AWAY_ITEM = `
label = ${JSON.stringify(HOSTILE)}
id = "take-away"
rights = "http://creativecommons.org/licenses/by/4.0/"
behavior = ["paged"]
pdf = true
homepage = { id = "https://www.catalogue.example/record/7", label = "Catalogue" }

[[metadata]]
label = "Author"
value = "Kant, Immanuel"

[[metadata]]
label = "Date"
value = "1784-12-01"

[[metadata]]
label = "Shelfmark"
value = "Ms. 7"

[[metadata]]
label = "Described in"
value = 'A <a href="https://www.elsewhere.example/a/b">long list</a>'

[pages."0002.png"]
label = "f. 1v & <i>"
`;

const WORDS = `WEBVTT

NOTE not said

1
00:00:05.000 --> 00:00:09.000
<v Anna>I was born in &lt;Bremen&gt;.

2
00:00:09.000 --> 00:00:14.500 align:start
<img src=x onerror="document.title='no'">We moved
<i>away</i>.

00:00:16.000 --> 00:00:19.000
And that was all.
`;

const INTERVIEW_ITEM = `
label = "An interview"
id = "interview"

[pages."1.wav"]
label = "First side"
placeholder = "still.png"
followed-by = "1b.wav"
captions = [
  { file = "words.vtt", language = "en", label = "English" },
  { file = "worte.srt", language = "de", label = "Deutsch" },
]

[pages."2.wav"]
label = "Second side"
`;
