// Where in a line the cursor stands. Knows nothing of the editor.

/** The column, from 0, after the quote of the text that is open at the end of this beginning of a line; undefined outside texts. */
export function openText(before: string): number | undefined {
  let open: number | undefined;
  for (let at = 0; at < before.length; at++) {
    const c = before[at];
    if (c === "\\" && open !== undefined) at++;
    else if (c === '"') open = open === undefined ? at + 1 : undefined;
    else if (open === undefined && c === "/" && before[at + 1] === "/") return undefined;
  }
  return open;
}

/** How many characters of the text that is open behind the cursor stand before its quote; 0 when no quote follows on the line. */
export function restOfText(after: string): number {
  const rest = /^(?:\\.|[^"\\])*(?=")/.exec(after);
  return rest?.[0].length ?? 0;
}

/** The word at the start of a line, when the line has nothing else yet; hyphens belong to it. */
export function firstWord(before: string): string | undefined {
  return /^\s*([\p{L}_][\p{L}\p{M}\p{N}_-]*)?$/u.exec(before)?.slice(1)[0] ?? (/^\s*$/.test(before) ? "" : undefined);
}

/** A text that the editor's filter, which takes letters in order only, matches for any words of a name in any order. */
export function anyOrder(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "").length;
  return Array<string>(Math.max(1, Math.min(words, 5))).fill(name).join(" ");
}
