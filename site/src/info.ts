/** The parts of an info.json that this file touches. */
export interface ImageInfo {
  id?: string;
  [key: string]: unknown;
}

const asked = new Map<string, Promise<ImageInfo>>();

/** The info.json at `address`, asked for once. */
export function loadInfo(address: string): Promise<ImageInfo> {
  let answer = asked.get(address);
  if (!answer) {
    answer = request(address);
    answer.catch(() => asked.delete(address));
    asked.set(address, answer);
  }
  return answer;
}

async function request(address: string): Promise<ImageInfo> {
  // As the preload in the HTML asks, so that its answer is taken.
  const response = await fetch(address, { credentials: "same-origin", mode: "cors" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const info = (await response.json()) as ImageInfo;
  // The published id names one host. Tiles lie beside info.json, so that previews, mirrors and copies show their own.
  info.id = address.replace(/\/info\.json$/, "");
  return info;
}
