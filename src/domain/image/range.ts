/** Where something stands in a text: offsets in UTF-16 units, `end` behind the last one. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}
