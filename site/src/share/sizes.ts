// How many bytes a published file has. The server is asked, since only it knows: a replaced scan keeps its address.

const asked = new Map<string, Promise<string | undefined>>();

/** Such as `139 kB`; nothing if the server does not say it. */
export function sizeOf(address: string): Promise<string | undefined> {
  let answer = asked.get(address);
  if (!answer) asked.set(address, (answer = ask(address).catch(() => undefined)));
  return answer;
}

async function ask(address: string): Promise<string | undefined> {
  const { ok, headers } = await fetch(address, { method: "HEAD" });
  const bytes = Number(headers.get("content-length"));
  // A server that packs a file on its way states the length of the pack.
  return ok && bytes > 0 && !headers.get("content-encoding") ? written(bytes) : undefined;
}

function written(bytes: number): string {
  const [value, unit] = bytes < 1000 ? [bytes, "byte"] : bytes < 999_500 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  const format = { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: unit === "megabyte" && value < 10 ? 1 : 0 };
  try {
    return new Intl.NumberFormat(document.documentElement.lang || undefined, format as Intl.NumberFormatOptions).format(value);
  } catch {
    return new Intl.NumberFormat("en", format as Intl.NumberFormatOptions).format(value);
  }
}
