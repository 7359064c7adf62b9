// Where lines and words stand on a page, in pixels of its canvas.
import type { PackedLine } from "./parts";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WordBox extends Box {
  /** From and to in the text of the line. */
  start: number;
  end: number;
}

export interface LineBox {
  /** None: it is not known where the line stands. */
  box?: Box;
  words: WordBox[];
}

/** The boxes of `lines`, of which each was packed relative to the one before. */
export function unpack(packed: PackedLine[], lines: string[]): LineBox[] {
  let [left, top] = [0, 0];
  return packed.map((line, index) => {
    if (!Array.isArray(line)) {
      [left = 0, top = 0] = line.box;
      return explicit(line);
    }
    if (line.length < 4) return { words: [] };
    const [x = 0, y = 0, width = 0, height = 0, ...rest] = line;
    [left, top] = [left + x, top + y];
    const box = { x: left, y: top, width, height };
    return { box, words: spaced(lines[index] ?? "", box, rest) };
  });
}

function explicit({ box: [x = 0, y = 0, width = 0, height = 0], words = [] }: { box: number[]; words?: number[][] }): LineBox {
  return {
    box: { x, y, width, height },
    words: words.map(([start = 0, end = 0, x = 0, y = 0, width = 0, height = 0]) => ({ start, end, x, y, width, height })),
  };
}

/** The words of a line are divided by single spaces; each has its distance from the one before, and its width. */
function spaced(text: string, { x, y, height }: Box, numbers: number[]): WordBox[] {
  const words: WordBox[] = [];
  let [start, left] = [0, x];
  for (let at = 0; at + 1 < numbers.length && start <= text.length; at += 2) {
    const space = text.indexOf(" ", start);
    const end = space < 0 ? text.length : space;
    const width = numbers[at + 1] ?? 0;
    left += numbers[at] ?? 0;
    words.push({ start, end, x: left, y, width, height });
    left += width;
    start = end + 1;
  }
  return words;
}

/** The box around the words of a line that lie between two places of its text; of the line, if it has no words. */
export function between({ box, words }: LineBox, from: number, to: number): Box | undefined {
  const inside = words.filter(({ start, end }) => start < to && end > from);
  return inside.length > 0 ? around(inside) : box;
}

function around(boxes: Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** The index of the line whose box holds the point; of several, the smallest. */
export function lineAt(lines: LineBox[], x: number, y: number): number | undefined {
  let [found, smallest]: [number | undefined, number] = [undefined, Infinity];
  lines.forEach(({ box }, index) => {
    if (!box || x < box.x || y < box.y || x > box.x + box.width || y > box.y + box.height) return;
    const area = box.width * box.height;
    if (area < smallest) [found, smallest] = [index, area];
  });
  return found;
}
