/**
 * Cuts the same text at random places, as blocks of a stream and as pieces of a batch, and compares what comes out with
 * what the whole text gives.
 */

import type { Piece } from "../../lake/columns/parse.ts";
import { type Random, randomFrom } from "../../lake/generate/random.ts";
import { lineFramer } from "../../lake/rows/line-framer.ts";
import { cutText } from "../../lake/unpack/cut-text.ts";
import { allColumnNames } from "./cases/check-batch.ts";
import { differenceOf, dropEngines, type EngineName, parseCase, pieceOf } from "./cases/parse-case.ts";
import type { Finding } from "./finding.ts";
import { hostileText, mutate } from "./grammars/mutate.ts";
import { TextSink } from "./grammars/text-sink.ts";
import type { Run, RunResult } from "./run.ts";
import type { ScannerSubject } from "./scanner-subject.ts";

/** Cuts of one text that are tried in one parse: as many objects with the same text, cut differently. */
const SPLITS_OF_PARSE = 250;
/** Texts so small that cuts come to lie everywhere. */
const MAX_RECORDS = 12;
/** A header is carried over to the next piece also where it is too long for an entry: no sensible limit is so small. */
const LONGEST_HEADER = 3000;

export interface SplitSettings {
  readonly engine: EngineName;
  readonly maxEntryBytes?: number;
  readonly rowGroupRows: number;
  /** The columns of the table by name; all when absent. */
  readonly columns?: readonly string[];
  /** How the text is cut: into pieces by the framer, and then into blocks. */
  readonly cuts: readonly Cut[];
}

interface Cut {
  /** Blocks end here, in the whole text. */
  readonly blocks: readonly number[];
  /** Pieces are at most so long; absent when the text is one piece. */
  readonly maxPieceBytes?: number;
}

export async function fuzzSplits(subject: ScannerSubject, run: Run): Promise<RunResult> {
  const splits = run.splitsOfParse ?? SPLITS_OF_PARSE;
  let cases = 0;
  let bytes = 0;
  for (let round = 0; cases < run.cases; round++) {
    const random = randomFrom(`${run.seed}/splits/${subject.name}/${round}`);
    const text = makeText(random, subject);
    const settings: SplitSettings = {
      engine: random.chance(0.75) ? "kernel" : "typescript",
      rowGroupRows: random.below(6) === 0 ? 100 : 100_000,
      ...(random.chance(0.2) && { maxEntryBytes: (subject.hasRemarks ? LONGEST_HEADER : 100) + random.below(300) }),
      columns: fewColumns(random, subject),
      cuts: Array.from({ length: splits }, () => makeCut(random, text.length)),
    };
    run.onProgress?.({ cases, batches: round, text, settings: { ...settings, cuts: settings.cuts.length } });
    const broken = await checkSplits(subject, text, settings);
    if (broken) {
      const finding = await minimised(subject, text, settings, broken, `${run.seed}/${round}`);
      return { cases, bytes, remark: "", corpus: [], finding };
    }
    cases += splits;
    bytes += splits * text.length;
  }
  return { cases, bytes, remark: "", corpus: [] };
}

const sink = new TextSink();

function makeText(random: Random, subject: ScannerSubject): Uint8Array {
  const grammar = subject.openGrammar();
  sink.length = 0;
  if (random.chance(0.3)) sink.put(Buffer.from("\u{feff}"));
  grammar.begin(random, sink);
  for (let i = random.below(MAX_RECORDS); i >= 0; i--) {
    const start = sink.length;
    grammar.record(random, sink);
    if (random.chance(0.6)) mutate(random, sink, start, grammar.delimiter, []);
    if (random.chance(0.1)) sink.put(hostileText(random));
    if (i > 0 || random.chance(0.5))
      sink.put(Buffer.from(random.chance(0.7) ? "\n" : random.chance(0.7) ? "\r\n" : "\r"));
  }
  return sink.written().slice();
}

/** Every block of text goes to each column once: with a few of them, many more cuts can be tried. */
function fewColumns(random: Random, subject: ScannerSubject): string[] {
  const names = allColumnNames(subject);
  const share = 5 / names.length;
  return names.filter((name) => name === "_extra" || name === "_line" || random.chance(share));
}

function makeCut(random: Random, length: number): Cut {
  const count = random.chance(0.1) ? length : random.below(8);
  const places = Array.from({ length: count }, () => random.below(length + 1));
  return {
    blocks: [...new Set(places)].sort((a, b) => a - b),
    ...(random.chance(0.5) && { maxPieceBytes: 1 + random.below(random.chance(0.5) ? 60 : length + 20) }),
  };
}

/** @returns What is wrong; undefined when every cut gives what the whole text gives. */
export async function checkSplits(
  subject: ScannerSubject,
  text: Uint8Array,
  { engine, cuts, ...settings }: SplitSettings,
): Promise<string | undefined> {
  const parse = async (pieces: Iterable<Piece> | AsyncIterable<Piece>) =>
    parseCase(engine, subject, pieces, { columns: allColumnNames(subject), ...settings });
  try {
    const whole = pieceOf({ firstLine: 1, firstByte: 0, bytes: [text] });
    const expected = await parse(cuts.map(() => whole));
    const actual = await parse(piecesOf(subject, text, cuts));
    return differenceOf(expected, actual);
  } catch (error) {
    dropEngines();
    return `crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

async function* piecesOf({ format, formatOptions }: ScannerSubject, text: Uint8Array, cuts: readonly Cut[]) {
  for (const { blocks, maxPieceBytes } of cuts) {
    const bytes = [...blocks, text.length].map((end, i) => text.subarray(blocks[i - 1] ?? 0, end));
    if (maxPieceBytes === undefined) {
      yield pieceOf({ firstLine: 1, firstByte: 0, bytes });
      continue;
    }
    const framer = format.openFramer?.(formatOptions) ?? lineFramer();
    for await (const piece of cutText(bytes, { framer, maxPieceBytes })) {
      const { firstLine, firstByte, header } = piece;
      const taken: Uint8Array[] = [];
      for await (const block of piece.bytes) taken.push(block);
      piece.end();
      yield pieceOf({ firstLine, firstByte, header, bytes: taken });
    }
  }
}

async function minimised(
  subject: ScannerSubject,
  text: Uint8Array,
  settings: SplitSettings,
  broken: string,
  seed: string,
): Promise<Finding> {
  for (const cut of settings.cuts) {
    const alone = { ...settings, cuts: [cut] };
    const still = await checkSplits(subject, text, alone);
    if (still) {
      const fewer = await fewerCuts(subject, text, alone);
      return { target: `splits:${subject.name}`, seed, broken: still, settings: fewer, text };
    }
  }
  return { target: `splits:${subject.name}`, seed, broken, settings, text };
}

/** Leaves out blocks that the failure does without. The text stays: cuts are places in it. */
async function fewerCuts(subject: ScannerSubject, text: Uint8Array, settings: SplitSettings): Promise<SplitSettings> {
  let [cut] = settings.cuts as [Cut];
  for (const place of cut.blocks) {
    const fewer = { ...cut, blocks: cut.blocks.filter((other) => other !== place) };
    if (await checkSplits(subject, text, { ...settings, cuts: [fewer] })) cut = fewer;
  }
  return { ...settings, cuts: [cut] };
}
