/** Why a text became no row. These codes are stored with the rejected text and shown to people. */
export type RejectReason =
  /** The line cannot be read without a header, and no header came before it. */
  | "MISSING_HEADER"
  /** Too few fields to be a record of this format, even a cut one. */
  | "TOO_FEW_FIELDS"
  /** More fields than are read: 65,536. */
  | "TOO_MANY_FIELDS"
  /** Its values do not fit the columns at their positions: a field before them is missing, or one too many. */
  | "SHIFTED"
  /** No event date, or not one of the calendar. */
  | "INVALID_DATE"
  /** A date, but no time of day beside it. */
  | "INVALID_TIME"
  /** A quote is opened and never closed. */
  | "UNTERMINATED_QUOTE"
  /** Not the JSON grammar. */
  | "INVALID_JSON"
  /** JSON, but not an object, so it has no columns. */
  | "NOT_AN_OBJECT"
  /** No event time and none of the columns, but an array of objects inside: those may be the records. */
  | "ENVELOPE"
  /** Bytes that are not UTF-8, where the format's standard demands it. */
  | "INVALID_UTF8"
  /** The configured pattern does not match. */
  | "NO_MATCH"
  /** A record of some other format between those of this one. */
  | "OTHER_FORMAT"
  /** Longer than the limit for one entry. */
  | "LINE_TOO_LONG"
  /** The archive breaks off within it. */
  | "TRUNCATED";

/** An entry that became no row, as it is kept. */
export interface RejectedEntry {
  /** The `_source_file` of the rows beside it. */
  readonly sourceFile: string;
  readonly reason: RejectReason;
  /** Physical line of the unpacked object, from 1. */
  readonly line: number;
  /** In the unpacked object. */
  readonly byteOffset: number;
  /** The entry without its line end. One that is longer than the limit for an entry comes in parts of that length. */
  readonly text: Uint8Array;
  /** Whether it is a further part of the entry before. */
  readonly isContinued?: boolean;
}
