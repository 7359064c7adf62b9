/** What a reader chose, kept for this visit. A browser that keeps nothing for this site throws. */
export function remember(name: string, value: string): void {
  try {
    sessionStorage.setItem(`iiif-build:${name}`, value);
  } catch {
    return;
  }
}

export function remembered(name: string): string | undefined {
  try {
    return sessionStorage.getItem(`iiif-build:${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}
