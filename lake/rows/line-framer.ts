import type { Framer } from "./scanner.ts";

const LINE_FEED = 0x0a;

/** Cuts a text after any line end. */
export function lineFramer(): Framer {
  return {
    header: undefined,
    follow: (bytes, isLast) => (isLast ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1),
  };
}
