import type { Random } from "../../../lake/generate/random.ts";
import { HOSTILE_TEXTS, SPECIAL_BYTES } from "./hostile-text.ts";
import type { TextSink } from "./text-sink.ts";

const NOTHING = new Uint8Array();
/** Longer repetitions add time and nothing else. */
const MAX_COPIED_BYTES = 200;

/**
 * Changes the record at the end of `out`, which starts at `start`, in one to a few ways.
 *
 * @param delimiter - What stands between the fields of the format.
 * @param corpus - Records to splice with.
 */
export function mutate(
  random: Random,
  out: TextSink,
  start: number,
  delimiter: number,
  corpus: readonly Uint8Array[],
): void {
  let more = 1;
  while (more > 0) {
    mutateOnce(random, out, start, delimiter, corpus);
    more = random.below(100) < 45 ? 1 : 0;
  }
}

function mutateOnce(
  random: Random,
  out: TextSink,
  start: number,
  delimiter: number,
  corpus: readonly Uint8Array[],
): void {
  const length = out.length - start;
  if (length === 0) {
    out.put(hostileText(random));
    return;
  }
  const at = start + random.below(length);
  const { bytes } = out;
  switch (random.below(16)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8);
      return;
    case 1:
    case 2:
      bytes[at] = SPECIAL_BYTES[random.below(SPECIAL_BYTES.length)]!;
      return;
    case 3:
      out.replace(at, at, Uint8Array.of(SPECIAL_BYTES[random.below(SPECIAL_BYTES.length)]!));
      return;
    case 4:
      out.replace(at, at, hostileText(random));
      return;
    case 5:
      out.replace(at, Math.min(out.length, at + 1 + random.below(8)), NOTHING);
      return;
    case 6: {
      const end = Math.min(out.length, at + 1 + random.below(MAX_COPIED_BYTES));
      out.replace(at, at, bytes.slice(at, end));
      return;
    }
    case 7:
      // Cut off, as a record is whose writer was stopped.
      if (random.chance(0.3)) out.length = at;
      return;
    case 8:
    case 9:
    case 10:
    case 11: {
      const [from, to] = fieldAround(out, start, at, delimiter);
      out.replace(from, to, hostileText(random));
      return;
    }
    case 12: {
      const [from, to] = fieldAround(out, start, at, delimiter);
      if (to - from > MAX_COPIED_BYTES) return;
      const field = bytes.slice(from, to);
      out.replace(to, to, field);
      out.replace(to, to, Uint8Array.of(delimiter));
      return;
    }
    case 13: {
      const [from, to] = fieldAround(out, start, at, delimiter);
      out.replace(from, Math.min(out.length, to + 1), NOTHING);
      return;
    }
    case 14: {
      const other = corpus.length > 0 ? corpus[random.below(corpus.length)]! : NOTHING;
      const from = random.below(other.length + 1);
      out.replace(at, random.chance(0.8) ? out.length : at, other.subarray(from, from + MAX_COPIED_BYTES));
      return;
    }
    default: {
      const noise = new Uint8Array(1 + random.below(12));
      for (let i = 0; i < noise.length; i++) noise[i] = random.below(256);
      out.replace(at, Math.min(out.length, at + random.below(noise.length + 1)), noise);
    }
  }
}

export function hostileText(random: Random): Uint8Array {
  return HOSTILE_TEXTS[random.below(HOSTILE_TEXTS.length)]!;
}

/** Start and end of the field that `at` is in. */
export function fieldAround(
  { bytes, length }: TextSink,
  start: number,
  at: number,
  delimiter: number,
): [number, number] {
  let from = at;
  while (from > start && bytes[from - 1] !== delimiter) from--;
  let to = at;
  while (to < length && bytes[to] !== delimiter) to++;
  return [from, to];
}
