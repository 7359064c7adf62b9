// WebVTT as a list of what is said when. Browsers show captions in the picture of a video, and never those of sound.

export interface Cue {
  start: number;
  end: number;
  text: string;
}

const MOST_CUES = 5_000;
const TIMES = /^((?:\d{1,4}:)?\d{1,2}:\d{1,2}[.,]\d{1,3})[ \t]+-->[ \t]+((?:\d{1,4}:)?\d{1,2}:\d{1,2}[.,]\d{1,3})/;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", nbsp: "\u00a0", lrm: "\u200e", rlm: "\u200f" };

/** The cues in order of their beginnings. What is no cue is left out. */
export function parseCues(file: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of file.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const [, start, end] = TIMES.exec(lines[at] ?? "") ?? [];
    if (!start || !end || cues.length >= MOST_CUES) continue;
    const text = plain(lines.slice(at + 1).join("\n"));
    if (text) cues.push({ start: seconds(start), end: seconds(end), text });
  }
  return cues.sort((a, b) => a.start - b.start);
}

function seconds(time: string): number {
  return time.replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Without markup; a voice stands before what it says. */
function plain(text: string): string {
  return text
    .replace(/<v(?:\.[^\s>]*)?\s+([^>]*)>/g, "$1: ")
    .replace(/<[^>]*>/g, "")
    .replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/\s+/g, " ")
    .trim();
}

/** As on a clock: `0:05`, `1:02:03`. */
export function clock(time: number): string {
  const whole = Math.floor(time);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
