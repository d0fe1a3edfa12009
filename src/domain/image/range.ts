/** Where something stands in a text: offsets in UTF-16 units, `end` behind the last one. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Line and column of an offset, both from 0, where lines end as they do in an editor. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly character: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
