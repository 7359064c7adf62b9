// Lines, hits and text over the image.
import type { Stage } from "../stage";
import { between, lineAt, type Box, type LineBox } from "./boxes";
import type { PageBoxes, PageText } from "./parts";
import type { Mark } from "./search";
import { MOST_LINES } from "./text_panel";

/** Boxes of hits on one page. */
const MOST_HITS = 500;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** Of the height of a line, in fonts and in boxes. */
const FONT_HEIGHT = 0.8;

export interface Overlay {
  lay(boxes: PageBoxes, lines: LineBox[], text: PageText): void;
  clear(): void;
  light(line: number | undefined, reveal: boolean): void;
  mark(marks: Mark[], current: Mark[]): void;
  /** Whether the text over the image can be selected; it can be dragged beside the text only. */
  select(on: boolean): void;
  lineAt(x: number, y: number): number | undefined;
}

export function createOverlay(stage: Stage): Overlay {
  let lines: LineBox[] = [];
  let text: PageText | undefined;
  let selecting = false;
  const lit = part("cover-line");
  const hits = part("cover-hits");
  const words = part("cover-words");
  words.addEventListener("copy", copyLines);
  // What starts on a word is a selection: OpenSeadragon must not make a movement of it.
  for (const type of ["pointerdown", "click", "dblclick", "contextmenu"]) {
    words.addEventListener(type, (event) => event.stopPropagation());
  }

  const fillWords = () => words.replaceChildren(...(selecting && text ? selectable(lines, text) : []));
  return {
    lay(boxes, unpacked, page) {
      [lines, text] = [unpacked, page];
      const cover = part("cover");
      lit.hidden = true;
      hits.replaceChildren();
      fillWords();
      cover.append(lit, hits, words);
      cover.setAttribute("aria-hidden", "true");
      stage.cover.lay(cover, boxes.width, boxes.height);
    },
    clear() {
      stage.cover.lift();
      [lines, text] = [[], undefined];
    },
    light(line, reveal) {
      const box = line === undefined ? undefined : lines[line]?.box;
      lit.hidden = !box;
      if (!box) return;
      place(lit, box);
      if (reveal) stage.cover.reveal(box);
    },
    mark(marks, current) {
      const boxed = (mark: Mark) => lines[mark.line] && between(lines[mark.line] as LineBox, mark.from, mark.to);
      const boxes = (some: Mark[], name: string) =>
        some.slice(0, MOST_HITS).map(boxed).filter((box): box is Box => box !== undefined).map((box) => place(part(name), box));
      hits.replaceChildren(...boxes(marks, "hit-box"), ...boxes(current, "hit-box current"));
      const first = current[0] && boxed(current[0]);
      if (first) stage.cover.reveal(first);
    },
    select(on) {
      selecting = on;
      fillWords();
    },
    lineAt: (x, y) => lineAt(lines, x, y),
  };
}

function part(name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  return element;
}

function place(element: HTMLElement, { x, y, width, height }: Box): HTMLElement {
  Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  return element;
}

/** Transparent words over those of the image, each stretched to its box, and ends of lines, so that a copy has them. */
function selectable(lines: LineBox[], text: PageText): Node[] {
  const measure = document.createElement("canvas").getContext("2d");
  if (!measure) return [];
  const nodes: Node[] = [];
  lines.slice(0, MOST_LINES).forEach(({ box, words }, index) => {
    const line = text.lines[index] ?? "";
    const places = words.length > 0 ? words : box ? [{ ...box, start: 0, end: line.length }] : [];
    places.forEach((place, at) => {
      // With the space that follows, so that a selection has no gaps.
      const end = places[at + 1]?.start ?? line.length;
      nodes.push(word(line.slice(place.start, end), line.slice(place.start, place.end), place, measure));
    });
    if (places.length > 0) nodes.push(document.createElement("br"));
  });
  return nodes;
}

function word(text: string, visible: string, box: Box, measure: CanvasRenderingContext2D): HTMLElement {
  const element = document.createElement("span");
  element.textContent = text;
  const isVertical = box.height > 1.5 * box.width && visible.length > 1;
  const [length, height] = isVertical ? [box.height, box.width] : [box.width, box.height];
  measure.font = `${height * FONT_HEIGHT}px sans-serif`;
  const stretch = length / (measure.measureText(visible).width || 1);
  const isRightToLeft = RIGHT_TO_LEFT.test(visible);
  Object.assign(element.style, {
    left: isRightToLeft ? "auto" : `${box.x}px`,
    right: isRightToLeft ? `calc(100% - ${box.x + box.width}px)` : "auto",
    top: `${box.y}px`,
    fontSize: `${height * FONT_HEIGHT}px`,
    lineHeight: `${height}px`,
    direction: isRightToLeft ? "rtl" : "ltr",
    writingMode: isVertical ? "vertical-rl" : "horizontal-tb",
    transformOrigin: isRightToLeft ? "100% 0" : "0 0",
    transform: isVertical ? `scaleY(${stretch})` : `scaleX(${stretch})`,
  });
  return element;
}

/** Browsers differ in what they make of placed words: a copy has their text, and the ends of lines. */
function copyLines(event: ClipboardEvent): void {
  const selection = getSelection();
  if (!selection || selection.rangeCount === 0 || !event.clipboardData) return;
  const copied = selection.getRangeAt(0).cloneContents();
  for (const end of copied.querySelectorAll("br")) end.replaceWith("\n");
  event.clipboardData.setData("text/plain", (copied.textContent ?? "").trimEnd());
  event.preventDefault();
}
