/** The lines before the first record of delimited text, and what they say about the records. */
import { instantText } from "../instant.ts";
import { type KnownLayout, prologueAt, SAMPLE_BYTES } from "./csv-delimiter.ts";
import { CsvFields, INCOMPLETE } from "./csv-fields.ts";
import type { CsvOptions } from "./csv-options.ts";

/** How to read the records of an object, as its first line says. */
export interface Layout {
  delimiter: string;
  names: string[];
  /** The header as it stands, where there is one: joined files repeat it. */
  header?: string[];
}

interface Preamble {
  readonly layout: Layout;
  /** The header, if there is one, and the lines before it. */
  readonly commentLines: number;
  /** Where the first record starts. */
  readonly recordsAt: number;
}

/** Reads what comes before the first record. */
export function preambleAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  isLast: boolean,
  options: CsvOptions,
  sampleBytes = SAMPLE_BYTES,
): Preamble | typeof INCOMPLETE {
  const upstreamNames = options.columns.map(({ upstreamName }) => upstreamName);
  const { at, lines, delimiter } = prologueAt(bytes, start, end, isLast, knownLayout(options), sampleBytes);
  if (delimiter === undefined) return INCOMPLETE;
  const fields = new CsvFields();
  const after = fields.split(bytes, at, end, delimiter.charCodeAt(0), isLast);
  if (after === INCOMPLETE) return INCOMPLETE;
  // The header cannot be read: the line is rejected, and all fields are kept under their position.
  if (after < 0) return { layout: { delimiter, names: [] }, commentLines: lines, recordsAt: at };
  const texts = Array.from({ length: fields.count }, (_, field) => fields.textOf(bytes, field));
  const isHeader = options.header
    ? options.header.join("\0") === texts.join("\0")
    : texts.some((text) => upstreamNames.includes(text)) || !isData(texts, upstreamNames.length > 0);
  const hasHeader = isHeader && at < end;
  const given = options.header ?? (hasHeader ? texts : upstreamNames);
  const names = distinctNames(given.length > 0 ? given : texts.map((_, field) => `field_${field + 1}`));
  return {
    layout: { delimiter, names, ...(hasHeader && { header: texts }) },
    commentLines: lines + (hasHeader ? 1 : 0),
    recordsAt: hasHeader ? after : at,
  };
}

const NUMBER = /^[+-]?(\d[\d,._]*|\.\d+)([eE][+-]?\d+)?%?$/;

/**
 * Whether texts are data, as no header would look like them.
 *
 * @param hasNames - The source names columns, none of which is here: so a single number is enough.
 */
function isData(texts: readonly string[], hasNames: boolean): boolean {
  const isTime = (text: string) => instantText(text) !== undefined;
  const isValue = (text: string) => NUMBER.test(text) || isTime(text);
  const values = texts.filter((text) => text !== "");
  if (isTime(texts[0]!) || (hasNames && values.some(isValue))) return true;
  return values.length > 0 && values.every(isValue);
}

/** Makes names distinct: a field without a name, or with an earlier field's name, is named by its position. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, field) => {
    const distinct = name === "" || taken.has(name) ? `extra_${field + 1}` : name;
    taken.add(distinct);
    return distinct;
  });
}

/** The part of the layout that the source's configuration gives. */
export function knownLayout({ delimiter, columns, header }: CsvOptions): KnownLayout {
  const names = header ?? columns.map(({ upstreamName }) => upstreamName);
  return { delimiter, names, fieldCount: header?.length };
}
