export interface Segment {
  text: string;
  marked: boolean;
}

/** A text in marked and unmarked parts. The ranges count Unicode code points. */
export function segments(text: string, ranges: readonly (readonly number[])[] = []): Segment[] {
  const letters = [...text];
  const found: Segment[] = [];
  let at = 0;
  for (const [start = 0, end = 0] of ranges) {
    if (start < at || end <= start || end > letters.length) continue;
    if (start > at) found.push({ text: letters.slice(at, start).join(""), marked: false });
    found.push({ text: letters.slice(start, end).join(""), marked: true });
    at = end;
  }
  if (at < letters.length || found.length === 0) found.push({ text: letters.slice(at).join(""), marked: false });
  return found;
}
