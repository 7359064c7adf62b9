// The published text of an item: docs/text.md. Each file is asked for once, unless it failed.

/** The text of one page, or of the stretch of it that one part holds. */
export interface PageText {
  page: string;
  lines: string[];
  /** The index of the first line of each paragraph. */
  blocks?: number[];
  /** Lines whose last word goes on in the next line. */
  divided?: number[];
  language?: string;
  /** Languages of single lines that differ, by index. */
  languages?: Record<string, string>;
  /** A machine has read it. */
  machine?: boolean;
  /** The index on the page of the first line here. */
  from?: number;
}

/** A line's numbers, or words that have boxes of their own. */
export type PackedLine = number[] | { box: number[]; words?: number[][] };

export interface PageBoxes {
  page: string;
  width: number;
  height: number;
  lines: PackedLine[];
  from?: number;
}

interface Part<Page> {
  pages: Page[];
}

export interface TextFiles {
  /** How many parts there are. */
  count(): Promise<number>;
  texts(part: number): Promise<PageText[]>;
  boxes(part: number): Promise<PageBoxes[]>;
}

/** The files in the folder at `address`, which ends with a slash. */
export function textFiles(address: string): TextFiles {
  const asked = new Map<string, Promise<unknown>>();
  const load = <T>(name: string): Promise<T> => {
    let answer = asked.get(name) as Promise<T> | undefined;
    if (!answer) {
      answer = request<T>(address + name);
      answer.catch(() => asked.delete(name));
      asked.set(name, answer);
    }
    return answer;
  };
  return {
    count: async () => (await load<{ parts: unknown[] }>("index.json")).parts.length,
    texts: async (part) => (await load<Part<PageText>>(`${part}.json`)).pages,
    boxes: async (part) => (await load<Part<PageBoxes>>(`${part}.boxes.json`)).pages,
  };
}

async function request<T>(address: string): Promise<T> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return (await response.json()) as T;
}
