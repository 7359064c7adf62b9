import { withoutHyphen } from "./fold";
import type { PageText } from "./parts";
import type { Mark } from "./search";

/** A hit with what stands around it. */
export interface Snippet {
  before: string;
  hit: string;
  after: string;
}

/** UTF-16 units of text on each side of a hit, and of the hit itself. */
const AROUND = 48;
const LONGEST_HIT = 200;

export function snippet(page: PageText, marks: Mark[]): Snippet {
  const first = marks[0];
  const last = marks[marks.length - 1];
  if (!first || !last) return { before: "", hit: "", after: "" };
  const joins = new Set(page.divided);
  const whole = (line: number) => {
    const text = page.lines[line] ?? "";
    return joins.has(line) ? withoutHyphen(text) : `${text} `;
  };
  const line = (index: number) => page.lines[index] ?? "";
  const inner = marks.map((mark) => (mark === last ? line(mark.line).slice(mark.from, mark.to) : whole(mark.line).slice(mark.from)));
  const before = (first.line > 0 ? whole(first.line - 1).slice(-AROUND) : "") + line(first.line).slice(0, first.from);
  const after = whole(last.line).slice(last.to) + line(last.line + 1).slice(0, AROUND);
  return { before: tail(before), hit: inner.join("").slice(0, LONGEST_HIT), after: head(after) };
}

/** Its end, from a whole word on. */
function tail(text: string): string {
  return text.length <= AROUND ? text : text.slice(-AROUND).replace(/^\S*\s/, "… ");
}

function head(text: string): string {
  return text.length <= AROUND ? text.trimEnd() : text.slice(0, AROUND).replace(/\s\S*$/, " …");
}
