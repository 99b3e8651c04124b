/**
 * Numbers on which the kernel and the TypeScript around it agree. Both import this file: AssemblyScript takes it as it is, so
 * it holds whole numbers of 32 bits and nothing else. `rows/block-layout.ts` is shared in the same way.
 */

/** Rows of a data page. */
export const PAGE_ROWS = 20_000;

/** Values seen on the first page before it says anything about the column. */
export const MIN_VALUES_TO_JUDGE = 1000;
/** A text column goes without a dictionary when more than this share of its first page's values are distinct. */
export const MAX_DISTINCT_TEXT_PERCENT = 85;
/** The same for numbers, whose values are shorter than a dictionary entry is worth. */
export const MAX_DISTINCT_NUMBER_PERCENT = 40;
/** Once a dictionary is larger, the following pages are plain. */
export const MAX_DICTIONARY_BYTES = 6 << 20;

/** Equal values in a row that are worth a run of their own in the hybrid encoding. */
export const MIN_RUN_VALUES = 8;
/** Values of a block of the delta encoding, and the miniblocks that it is divided into. */
export const DELTA_BLOCK_VALUES = 128;
export const DELTA_MINIBLOCKS = 4;

// Column types.
export const KIND_STRING = 0;
export const KIND_INT32 = 1;
export const KIND_INT64 = 2;
export const KIND_DOUBLE = 3;
export const KIND_TIMESTAMP_MILLIS = 4;
export const KIND_TIMESTAMP_MICROS = 5;
export const KIND_BOOLEAN = 6;
export const KIND_DATE = 7;

// Escapes that a column undoes.
export const DECODING_NONE = 0;
export const DECODING_PERCENT = 1;
export const DECODING_BACKSLASH = 2;

// Page encodings.
export const ENCODING_PLAIN = 0;
export const ENCODING_RLE_DICTIONARY = 1;
export const ENCODING_DELTA_BINARY_PACKED = 2;
export const ENCODING_DELTA_LENGTH_BYTE_ARRAY = 3;

// Words of the result of `takePage`. Bounds take four: two values of eight bytes, or addresses and lengths of two texts.
export const PAGE_ENCODING = 0;
export const PAGE_ROW_COUNT = 1;
export const PAGE_NULL_COUNT = 2;
export const PAGE_LEVELS_AT = 3;
export const PAGE_LEVELS_LENGTH = 4;
export const PAGE_BODY_AT = 5;
export const PAGE_BODY_LENGTH = 6;
export const PAGE_HAS_BOUNDS = 7;
export const PAGE_BOUNDS = 8;

// Fields of an ALB record, by position, and how many the first generation (2016, up to `trace_id`) had.
export const ALB_TIME_FIELD = 1;
export const ALB_CLIENT_FIELD = 3;
export const ALB_TARGET_FIELD = 4;
export const ALB_FIRST_DURATION_FIELD = 5;
export const ALB_LAST_DURATION_FIELD = 7;
export const ALB_REQUEST_FIELD = 12;
export const ALB_FIRST_GENERATION_FIELDS = 18;
/** Fields with whole numbers and with decimal ones, a bit for each position. */
export const ALB_INTEGER_FIELDS = 0x100f00;
export const ALB_DECIMAL_FIELDS = 0xe0;
/** Fields in quotes, and fields that never are: of others it is not certain. */
export const ALB_QUOTED_FIELDS = 0x1ce3000;
export const ALB_PLAIN_FIELDS = 0x31cffc;
/** Bits for the fields that are split. */
export const ALB_SPLIT_CLIENT = 1;
export const ALB_SPLIT_TARGET = 2;
export const ALB_SPLIT_REQUEST = 4;

// The day of a JSON record: the same for all records, from one column, or from a column of dates and one of times of day.
export const JSON_FIXED_DAY = 0;
export const JSON_TIME = 1;
export const JSON_DATE_AND_TIME = 2;
/** Words of the layout that `setJson` takes, before its keys and of each of them. */
export const JSON_LAYOUT_WORDS = 11;
export const JSON_KEY_WORDS = 3;
/** A spelling of a time with a name for the zone and nanoseconds is shorter. */
export const LONGEST_TIME = 64;
