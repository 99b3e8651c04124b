/**
 * How many random cases a property gets. The thorough tier runs the files that ask here once more, with all their cases;
 * the tiers that people wait for run a few of them.
 */
export const isThorough = process.env["SLUICE_TEST_TIER"] === "thorough";

/** The thorough tier has so many times the cases of the others, unless that leaves less than a handful. */
const LIGHT_SHARE = 20;
const HANDFUL = 5;

/** @param thorough - Cases in the thorough tier. */
export function runs(thorough: number): number {
  return isThorough ? thorough : Math.max(Math.min(thorough, HANDFUL), Math.ceil(thorough / LIGHT_SHARE));
}

/** The size of a made-up input: the thorough tier's, or one that is read in a moment. */
export function size(thorough: number, light: number): number {
  return isThorough ? thorough : light;
}
