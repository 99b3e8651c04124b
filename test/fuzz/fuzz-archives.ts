/**
 * Unpacks archives of random members: whole ones, ones that are cut, and damaged ones. What is known of each is enough to
 * tell whether the outcome is right.
 */

import { type Random, randomFrom } from "../../lake/generate/random.ts";
import { type Compression, unpack } from "../../lake/unpack/compression.ts";
import type { Finding } from "./finding.ts";
import { SPECIAL_BYTES } from "./grammars/hostile-text.ts";
import type { PackedText } from "./grammars/packed-text.ts";
import type { Packer } from "./grammars/packers.ts";
import type { Run, RunResult } from "./run.ts";

/** Archives of a round; as many are unpacked at a time, as zlib works in threads of its own. */
const ARCHIVES_OF_ROUND = 16;
/** Parts are made once for so many rounds: to pack costs more than unpacking. */
const ROUNDS_OF_PARTS = 100;
const PARTS = 150;
const MEMBERS_OF_WHOLE = 1000;
/** However an archive is cut or damaged, its reader may only end with these. */
const ERRORS = new Set(["CorruptArchive", "TruncatedArchive", "ArchiveTooLarge", "UnknownFormat"]);
const HANG_MS = 30_000;

const object = { bucket: "raw", key: "fuzz" };
const limits = { maxBytes: 1 << 30, maxRatio: 1e9, ratioFromBytes: 1 << 30 };

export interface ArchiveCase {
  readonly kind: "whole" | "cut" | "damaged";
  readonly bytes: Uint8Array;
  /** Places where the blocks of the stream end. */
  readonly blocks: readonly number[];
  /** The text of all parts, and where each part ends in text and archive. */
  readonly text: Uint8Array;
  readonly ends: readonly { readonly text: number; readonly bytes: number }[];
  /** Members that are tried. */
  readonly cases: number;
  /** Whether no wrong text may pass: there are checksums, and nothing that looks like a cut was done to the archive. */
  readonly isChecked: boolean;
}

export async function fuzzArchives(packer: Packer, run: Run): Promise<RunResult> {
  const outcomes = new Map<string, number>();
  let parts: PackedText[] = [];
  let cases = 0;
  let bytes = 0;
  for (let round = 0; cases < run.cases; round++) {
    const random = randomFrom(`${run.seed}/${packer.name}/${round}`);
    if (round % ROUNDS_OF_PARTS === 0) parts = Array.from({ length: PARTS }, () => packer.pack(random, textOf(random)));
    const tried = Array.from({ length: ARCHIVES_OF_ROUND }, (_, i) => makeCase(random, packer, parts, i));
    run.onProgress?.({ cases, batches: round, text: Buffer.concat(tried.map((one) => one.bytes)), settings: {} });
    const found = await Promise.all(tried.map((one) => checkArchive(packer.compression, one)));
    for (const [i, { broken, outcome }] of found.entries()) {
      const one = tried[i]!;
      if (broken)
        return {
          cases,
          bytes,
          remark: said(outcomes),
          corpus: [],
          finding: findingOf(packer, run, round, one, broken),
        };
      outcomes.set(`${one.kind}: ${outcome}`, (outcomes.get(`${one.kind}: ${outcome}`) ?? 0) + one.cases);
      cases += one.cases;
      bytes += one.bytes.length;
    }
  }
  return { cases, bytes, remark: said(outcomes), corpus: [] };
}

function said(outcomes: Map<string, number>): string {
  return [...outcomes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(", ");
}

function findingOf({ name }: Packer, run: Run, round: number, one: ArchiveCase, broken: string): Finding {
  const { kind, blocks, ends, isChecked } = one;
  const settings = { kind, blocks, ends, isChecked, text: Buffer.from(one.text).toString("latin1") };
  return { target: name, seed: `${run.seed}/${round}`, broken, settings, text: one.bytes };
}

const WORDS = ["2026-01-17\t10:00:00", "GET", "/index.html", "200", "-", "é", "日本", "\0", '"', "x".repeat(50)];

/** Lines, mostly few; sometimes none, sometimes without a last line end. */
function textOf(random: Random): Uint8Array {
  if (random.chance(0.1)) return new Uint8Array();
  const lines = random.chance(0.03) ? 2000 + random.below(3000) : 1 + random.below(8);
  const words = Array.from({ length: lines * 3 }, () => WORDS[random.below(WORDS.length)]!);
  return Buffer.from(words.map((word, i) => word + (i % 3 === 2 ? "\n" : `${random.below(1000)}`)).join(""));
}

function makeCase(random: Random, packer: Packer, parts: readonly PackedText[], i: number): ArchiveCase {
  const kind = i === 0 ? "whole" : i % 3 === 0 ? "cut" : "damaged";
  const members = kind === "whole" ? MEMBERS_OF_WHOLE : 1 + random.below(4);
  const bytes: Uint8Array[] = [];
  const texts: Uint8Array[] = [];
  const ends: { text: number; bytes: number }[] = [];
  let [byteLength, textLength] = [0, 0];
  let isChecked = true;
  for (let member = 0; member < members; member++) {
    const part = parts[random.below(parts.length)]!;
    const packed = packer.member(random, part);
    bytes.push(packed);
    texts.push(part.text);
    isChecked &&= part.isChecked;
    byteLength += packed.length;
    textLength += part.text.length;
    ends.push({ text: textLength, bytes: byteLength });
    const between = packer.between(random);
    bytes.push(between);
    byteLength += between.length;
  }
  const whole = Buffer.concat(bytes);
  const made = { kind, text: Buffer.concat(texts), ends, cases: kind === "whole" ? members : 1, isChecked } as const;
  // A member that is damaged twice, or lost bytes as well, may have no checksum left that could tell.
  const isInPlace = random.chance(0.6);
  const changed =
    kind === "cut" ? cutOff(random, whole, ends) : kind === "damaged" ? damaged(random, whole, isInPlace) : whole;
  return { ...made, isChecked: isChecked && isInPlace, bytes: changed, blocks: blockEnds(random, changed.length) };
}

function cutOff(random: Random, bytes: Uint8Array, ends: ArchiveCase["ends"]): Uint8Array {
  // The bytes around the end of a member are the interesting ones.
  const near = ends[random.below(ends.length)]!.bytes + random.below(24) - 16;
  const at = random.chance(0.4) ? near : random.below(bytes.length);
  return bytes.subarray(0, Math.max(5, Math.min(bytes.length, at)));
}

/** Keeps the first bytes, which name the compression: what is damaged there is another kind of file. */
function damaged(random: Random, bytes: Uint8Array, isInPlace: boolean): Uint8Array {
  const kept = 5;
  if (bytes.length <= kept) return bytes;
  let changed = Buffer.from(bytes);
  for (let more = isInPlace ? 1 : 1 + random.below(3); more > 0 && changed.length > kept; more--) {
    const at = kept + random.below(changed.length - kept);
    switch (random.below(isInPlace ? 3 : 6)) {
      case 0:
      case 1:
        changed[at]! ^= 1 << random.below(8);
        break;
      case 2:
        changed[at] = SPECIAL_BYTES[random.below(SPECIAL_BYTES.length)]!;
        break;
      case 3:
        changed = Buffer.concat([changed.subarray(0, at), Uint8Array.of(random.below(256)), changed.subarray(at)]);
        break;
      case 4:
        changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + random.below(20))]);
        break;
      default: {
        const end = Math.min(changed.length, at + 1 + random.below(60));
        changed = Buffer.concat([changed.subarray(0, end), changed.subarray(at)]);
      }
    }
  }
  return changed;
}

function blockEnds(random: Random, length: number): number[] {
  const count = length < 300 && random.chance(0.1) ? length : random.below(6);
  return [...new Set(Array.from({ length: count }, () => random.below(length + 1)))].sort((a, b) => a - b);
}

/** What is wrong with how an archive is unpacked, or what came of it. */
export async function checkArchive(
  compression: Compression,
  one: ArchiveCase,
): Promise<{ broken?: string; outcome: string }> {
  const split = await unpackAll(compression, one.bytes, one.blocks);
  const isWrong = one.isChecked && !split.text.equals(one.text.subarray(0, split.text.length));
  const isBelieved = split.error?.name === "TruncatedArchive" && isWrong;
  const outcome = (split.error?.name ?? "text") + (isBelieved ? " after wrong text" : "");
  const broken = brokenBy(one, split);
  if (broken) return { broken, outcome };
  // A whole archive that gave its text has nothing to give in another way.
  if (one.kind === "whole") return { outcome };
  // However the bytes come, the same comes out.
  const whole = await unpackAll(compression, one.bytes, []);
  if (whole.error?.message !== split.error?.message)
    return { outcome, broken: `in blocks: ${split.error?.message}; whole: ${whole.error?.message}` };
  // Text before a damage is not to be believed anyway, so it may differ.
  if (outcome !== "CorruptArchive" && !whole.text.equals(split.text))
    return { outcome, broken: `${split.text.length} bytes of text in blocks, ${whole.text.length} whole (${outcome})` };
  return { outcome };
}

interface Unpacked {
  readonly text: Buffer;
  readonly error?: Error;
}

function brokenBy({ kind, text: expected, bytes, ends, isChecked }: ArchiveCase, { text, error }: Unpacked) {
  if (error && !ERRORS.has(error.name)) return `ended with ${error.stack}`;
  const isPrefix = text.equals(expected.subarray(0, text.length));
  if (kind === "whole") {
    if (error) return `a whole archive ended with ${error.message}`;
    return text.equals(expected) ? undefined : `${text.length} bytes of text instead of ${expected.length}`;
  }
  if (kind === "cut") {
    if (!isPrefix) return "the text before a cut is not the text that was packed";
    // Where the last bytes happen to look like the end of a member, nobody can tell a cut from a damage.
    if (error?.name === "CorruptArchive" && error.message.includes("its text has no end")) return undefined;
    if (error && error.name !== "TruncatedArchive") return `a cut archive ended with ${error.message}`;
    const wholeParts = ends.filter((end) => end.bytes <= bytes.length);
    const least = wholeParts.at(-1)?.text ?? 0;
    if (text.length < least) return `${text.length} bytes of text of a cut archive that has ${least} in whole members`;
    if (!error && text.length !== least) return "a cut archive ended without an error in the middle of a member";
    return undefined;
  }
  if (!isChecked || error?.name === "CorruptArchive" || isPrefix) return undefined;
  // Where the damage lets a member look as if it went on, nobody can tell it from a cut. It must be rare: see the remark.
  if (error?.name === "TruncatedArchive") return undefined;
  return `wrong text came out of a damaged archive, and it ended with ${error ? error.message : "no error"}`;
}

async function unpackAll(compression: Compression, bytes: Uint8Array, blocks: readonly number[]): Promise<Unpacked> {
  const taken: Uint8Array[] = [];
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing came for ${HANG_MS} ms`)), HANG_MS);
  });
  const take = async () => {
    for await (const text of unpack(stream(bytes, blocks), compression, { object, limits })) taken.push(text);
  };
  try {
    await Promise.race([take(), hang]);
    return { text: Buffer.concat(taken) };
  } catch (error) {
    return { text: Buffer.concat(taken), error: error as Error };
  } finally {
    clearTimeout(timer);
  }
}

async function* stream(bytes: Uint8Array, blocks: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...blocks, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}
