/** Functions of the TypeScript around the kernel: rare cases, for which it has the code already. */

/**
 * Reads a text as a value of a column type, with all the rules of `rows/typed-value.ts`.
 *
 * @returns 1 when it is such a value; its PLAIN encoding is at `hostValue` then.
 */
// @ts-ignore: decorator
@external("host", "parseValue")
export declare function parseValue(kind: i32, start: usize, length: u32): i32;

/**
 * Makes well-formed UTF-8 of a text.
 *
 * @returns The length of the result, which is at the address `decodedText()` then; -1 when the text is well-formed.
 */
// @ts-ignore: decorator
@external("host", "repairText")
export declare function repairText(start: usize, length: u32): i32;

/**
 * Undoes the percent escapes of a text, not all of which need be UTF-8, and makes well-formed UTF-8 of it.
 *
 * @returns The length of the result, which is at the address `decodedText()` then.
 */
// @ts-ignore: decorator
@external("host", "percentDecoded")
export declare function percentDecoded(start: usize, length: u32): i32;

export const hostValue: usize = memory.data(16);
