/** How rows lie in memory, be it arrays or the memory of the kernel. */

/** Rows that are scanned before their columns are written: few enough for their fields to stay in the processor's cache. */
export const BLOCK_ROWS = 4096;

/** Rows from one column to the next in `fields`. Not a power of two, or all columns would fall on the same cache lines. */
export const FIELD_STRIDE = BLOCK_ROWS + 8;

/** A field that is not there. */
export const NULL_LENGTH = -1;

/** Bytes that may be read, whatever they hold, before and after every text. */
export const TEXT_PADDING = 64;

/** Stands for a day where the text is not a date of the calendar. */
export const NO_DAY = -1;
