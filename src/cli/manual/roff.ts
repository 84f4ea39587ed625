/**
 * Text for roff.
 *
 * @module
 */

/**
 * Text as it is: what roff would take for a request, an escape or a typographic sign is none. Anything but
 * ASCII is named, for not every man(1) is told what the file is encoded in.
 */
export function plain(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga").replaceAll("^", "\\(ha").replaceAll("~", "\\(ti")
    .replaceAll('"', "\\(dq").replace(/^\./, "\\&.")
    .replaceAll(/[^\n -~]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    });
}

/** The heading of a section. */
export function section(title: string): string {
  return `.SH ${title}`;
}

/** A paragraph, a sentence a line. */
export function paragraph(text: string): string[] {
  return [".PP", ...sentences(text)];
}

/** A term and what it means. */
export function tagged(term: string, text: string): string[] {
  return [".TP", `.B ${plain(term)}`, ...sentences(text)];
}

/** Each begins a line, where roff knows how wide the blank after it is, and none is longer than 80. */
function sentences(text: string): string[] {
  return text.split(/(?<=[.:]) (?=[A-Z])/).flatMap((sentence) =>
    (sentence.match(/\S.{0,62}(?=\s|$)|\S+/g) ?? []).map(plain)
  );
}

/** The lines of a page: after a heading nothing else needs to say that a paragraph begins. */
export function page(lines: readonly string[]): string {
  const kept = lines.filter((line, index) =>
    line !== ".PP" || !/^\.S[HS] /.test(lines[index - 1] ?? "")
  );
  return `${kept.join("\n")}\n`;
}
