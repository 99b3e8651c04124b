import type { Random } from "../../../lake/generate/random.ts";
import { bytesOf } from "./hostile-text.ts";
import type { TextSink } from "./text-sink.ts";

/** Writes records of one format: ordinary ones, for mutations to start from. */
export interface Grammar {
  /** What stands between two fields. */
  readonly delimiter: number;
  /** Begins a new object: what it starts with, if anything. */
  begin(random: Random, out: TextSink): void;
  /** Adds a record without its line end. */
  record(random: Random, out: TextSink): void;
}

/** Writes a value. */
export type Value = (random: Random, out: TextSink) => void;

/** One of some texts, given as Latin-1 strings. */
export function oneOf(...texts: string[]): Value {
  const values = texts.map(bytesOf);
  return (random, out) => out.put(values[random.below(values.length)]!);
}

/** A number below `end`, in decimal. */
export function numberBelow(end: number): Value {
  return (random, out) => putNumber(out, random.below(end));
}

/** A number with three digits after its point. */
export function seconds(end: number): Value {
  return (random, out) => {
    putNumber(out, random.below(end));
    out.putByte(0x2e);
    putDigits(out, random.below(1000), 3);
  };
}

/** An address with a port. */
export const endpoint: Value = (random, out) => {
  if (random.chance(0.15)) out.put(v6Endpoints[random.below(v6Endpoints.length)]!);
  else {
    out.put(v4Start);
    putNumber(out, random.below(256));
    out.putByte(0x3a);
    putNumber(out, random.below(65_536));
  }
};
const v4Start = bytesOf("192.0.2.");
const v6Endpoints = ["[2001:db8::1]:443", "2001:db8::1:443", "[::1]:80", "[fe80::1]", "::1"].map(bytesOf);

/** Mostly one value, else another. */
export function mostly(value: Value, other: Value, share = 0.85): Value {
  return (random, out) => (random.chance(share) ? value(random, out) : other(random, out));
}

export function sequence(...values: Value[]): Value {
  return (random, out) => {
    for (const value of values) value(random, out);
  };
}

/** The dates of the made records: few, so that rows share their partitions. */
export const date = oneOf("2026-01-17", "2026-01-17", "2026-01-17", "2026-01-18", "2025-12-31");

export const timeOfDay: Value = (random, out) => {
  putDigits(out, random.below(24), 2);
  out.putByte(0x3a);
  putDigits(out, random.below(60), 2);
  out.putByte(0x3a);
  putDigits(out, random.below(60), 2);
};

/** `2026-01-17T10:00:00.123456Z` */
export const instant: Value = (random, out) => {
  date(random, out);
  out.putByte(0x54);
  timeOfDay(random, out);
  if (random.chance(0.9)) {
    out.putByte(0x2e);
    putDigits(out, random.below(1_000_000), 6);
  }
  if (random.chance(0.95)) out.putByte(0x5a);
};

/** Fields with a delimiter between them; the last ones may be missing, as in older generations of a format. */
export function fieldGrammar(
  fields: readonly Value[],
  delimiter: string,
  { optional = 0, begin }: { optional?: number; begin?: Value } = {},
): Grammar {
  const delimiterByte = delimiter.charCodeAt(0);
  return {
    delimiter: delimiterByte,
    begin: (random, out) => begin?.(random, out),
    record(random, out) {
      const count = random.chance(0.8) ? fields.length : fields.length - random.below(optional + 1);
      for (let i = 0; i < count; i++) {
        if (i > 0) out.putByte(delimiterByte);
        fields[i]!(random, out);
      }
    },
  };
}

export function putNumber(out: TextSink, value: number): void {
  if (value >= 10) putNumber(out, Math.floor(value / 10));
  out.putByte(0x30 + (value % 10));
}

function putDigits(out: TextSink, value: number, digits: number): void {
  if (digits > 1) putDigits(out, Math.floor(value / 10), digits - 1);
  out.putByte(0x30 + (value % 10));
}
