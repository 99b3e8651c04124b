/** The lines before the first record of delimited text, and what they say about the records. */
import { CARRIAGE_RETURN, LINE_FEED } from "../ascii.ts";
import { instantText } from "../instant.ts";
import { DELIMITERS, type KnownLayout, prologueAt, SAMPLE_BYTES } from "./csv-delimiter.ts";
import { CsvFields, INCOMPLETE } from "./csv-fields.ts";
import { lateHeader } from "./csv-late-header.ts";
import { ConfiguredNames } from "./csv-names.ts";
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
  const configured = new ConfiguredNames(options.columns.map(({ upstreamName }) => upstreamName));
  const upstreamNames = configured.all;
  const { at, lines, delimiter } = prologueAt(bytes, start, end, isLast, knownLayout(options), sampleBytes);
  if (delimiter === undefined) return INCOMPLETE;
  const fields = new CsvFields();
  const after = fields.split(bytes, at, end, delimiter.charCodeAt(0), isLast);
  if (after === INCOMPLETE) return INCOMPLETE;
  // The header cannot be read: the line is rejected, and all fields are kept under their position.
  if (after < 0) return { layout: { delimiter, names: [] }, commentLines: lines, recordsAt: at };
  const texts = Array.from({ length: fields.keptCount }, (_, field) => fields.textOf(bytes, field));
  const matched = options.header ? 0 : configured.countIn(texts);
  if (!options.header && matched < upstreamNames.length) {
    // A report may begin with other lines than its header.
    if (end < at + sampleBytes && !isLast) return INCOMPLETE;
    const delimiters = options.delimiter === undefined ? DELIMITERS : [options.delimiter];
    const late = lateHeader(bytes, at, Math.min(end, at + sampleBytes), configured, matched, delimiters);
    if (late)
      return {
        layout: {
          delimiter: late.delimiter,
          names: distinctNames(configured.spelled(late.texts)),
          header: [...late.texts],
        },
        commentLines: lines + late.lines + 1,
        recordsAt: late.recordsAt,
      };
  }
  const isHeader = options.header
    ? options.header.join("\0") === texts.join("\0")
    : matched > 0 || !isData(texts, upstreamNames.length > 0);
  const hasHeader = isHeader && at < end;
  const given = options.header ?? (hasHeader ? configured.spelled(texts) : upstreamNames);
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

/**
 * What the header of an object lacks: none of the configured names are in it, or not the one of the event time, without which
 * every record would be rejected.
 *
 * @param head - The first bytes of the object's text; a header that is longer says nothing yet.
 * @returns A sentence for people; undefined when the object can be read.
 */
export function missingNames(head: Uint8Array, options: CsvOptions): string | undefined {
  const { columns, time } = options;
  if (options.header || columns.length === 0 || (head.indexOf(LINE_FEED) < 0 && head.indexOf(CARRIAGE_RETURN) < 0))
    return undefined;
  const start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const preamble = preambleAt(head, start, head.length, true, options);
  const header = preamble === INCOMPLETE ? undefined : preamble.layout.header;
  if (!header) return undefined;
  const configured = new ConfiguredNames(columns.map(({ upstreamName }) => upstreamName));
  const missing = configured.missingIn(header);
  const timeName = columns.find(({ name }) => name === time)?.upstreamName;
  if (missing.length < columns.length && !(timeName !== undefined && missing.includes(timeName))) return undefined;
  const which =
    missing.length === columns.length ? "none of the configured columns is" : "not all configured columns are";
  return `${which} in its header: ${listed(missing)} ${missing.length === 1 ? "is" : "are"} missing. Say formatOptions.header for objects that do not begin with the names of their fields, or mend upstreamName`;
}

function listed(names: readonly string[]): string {
  return names.slice(0, 12).join(", ") + (names.length > 12 ? ", …" : "");
}

/** The part of the layout that the source's configuration gives. */
export function knownLayout({ delimiter, columns, header }: CsvOptions): KnownLayout {
  const names = header ?? columns.map(({ upstreamName }) => upstreamName);
  return { delimiter, names, fieldCount: header?.length };
}
