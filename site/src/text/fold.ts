// What is alike to a reader who searches. fold.json has the rules, as data for every program that searches the text.
import table from "../fold.json";

const REPLACE = new Map(Object.entries(table.replace));
const REMOVE = table.remove.map((range) => range.replace(/[0-9A-F]+/g, "\\u{$&}")).join("");
const SPECIAL = new RegExp(`[${REMOVE}${[...REPLACE.keys()].join("")}]`, "gu");
const ASCII = /^[\n -~]*$/;
/** Whatever a printer or a program has put there. */
const HYPHEN = /[^\p{L}\p{M}\p{N}]$/u;

export function fold(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize("NFKD");
  return plain.toLowerCase().replace(SPECIAL, (character) => REPLACE.get(character) ?? "");
}

/** For each character of `fold(text)`, and for its end, where it begins in `text`. */
export function origins(text: string): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    for (let count = fold(character).length; count > 0; count--) starts.push(at);
    at += character.length;
  }
  starts.push(at);
  return starts;
}

/** A line that goes on in the next one, without the hyphen that marks this. */
export function withoutHyphen(line: string): string {
  return line.trimEnd().replace(HYPHEN, "");
}
