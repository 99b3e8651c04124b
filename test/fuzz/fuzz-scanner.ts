/** Fuzzes one scanner: batches of mutated records with ordinary ones between them. */
import { type Random, randomFrom } from "../../lake/generate/random.ts";
import { allColumnNames, checkBatch } from "./cases/check-batch.ts";
import { checkScan, PLACES_DIFFER } from "./cases/check-scan.ts";
import type { CaseSettings } from "./cases/parse-case.ts";
import type { ScanSettings } from "./cases/scan-case.ts";
import type { Observer } from "./cases/watched-scanner.ts";
import type { Finding } from "./finding.ts";
import type { Grammar } from "./grammars/grammar.ts";
import { bytesOf } from "./grammars/hostile-text.ts";
import { mutate } from "./grammars/mutate.ts";
import { TextSink } from "./grammars/text-sink.ts";
import { Novelty } from "./novelty.ts";
import type { Run, RunResult } from "./run.ts";
import type { ScannerSubject } from "./scanner-subject.ts";
import { shrink } from "./shrink.ts";

const RECORDS_OF_BATCH = 6000;
/** The others are only scanned. */
const BATCHES_PER_WHOLE_PARSE = 24;
/** Looking for what is new costs as much as a scan. */
const BATCHES_PER_SEARCH = 4;
/** Records that were novel; more of them add little. */
const MAX_CORPUS = 2000;
const MAX_CORPUS_RECORD_BYTES = 700;
const LINE_FEED = 0x0a;

/** How a text was looked at. */
interface Check {
  readonly settings: object;
  of(text: Uint8Array): Promise<string | undefined>;
}

/** Runs until all cases passed or one did not. */
export async function fuzzScanner(subject: ScannerSubject, run: Run): Promise<RunResult> {
  const corpus = [...run.corpus];
  const novelty = new Novelty();
  const grammar = subject.openGrammar();
  let cases = 0;
  let bytes = 0;
  let batches = 0;
  // Batches that only a whole parse could clear: the engines put a field's text at different places.
  let suspicions = 0;
  const remark = () => `${batches} batches, ${novelty.count} features, ${suspicions} looked into`;
  for (; cases < run.cases; batches++) {
    // Small batches now and then: what ends a text is special as well.
    const random = randomFrom(`${run.seed}/${subject.name}/${batches}`);
    const size = random.chance(0.1) ? 1 + random.below(40) : (run.recordsOfBatch ?? RECORDS_OF_BATCH);
    const isWhole = subject.isWhole === true || batches % BATCHES_PER_WHOLE_PARSE === 0;
    const records = Math.min(size, run.cases - cases + 1);
    const batch = makeBatch(random, grammar, corpus, records, isWhole);
    const settings = settingsOf(random, subject, batch.text.length);
    run.onProgress?.({ cases, batches, text: batch.text, settings });
    const novelLines: number[] = [];
    const onScan: Observer["onScan"] =
      batches % BATCHES_PER_SEARCH === 0 ? (...seen) => novelLines.push(...novelty.novelLines(...seen)) : undefined;
    let check: Check;
    if (isWhole) check = { settings, of: (text) => checkBatch(subject, text, settings, onScan) };
    else {
      const scanSettings = scanSettingsOf(random, batch.text.length);
      check = { settings: scanSettings, of: async (text) => checkScan(subject, text, scanSettings, onScan) };
    }
    let broken = await check.of(batch.text);
    if (broken === PLACES_DIFFER) {
      suspicions++;
      check = { settings, of: (text) => checkBatch(subject, text, settings) };
      broken = await check.of(batch.text);
    }
    if (broken) {
      const finding = await minimised(subject, batch.text, check, broken, `${run.seed}/${batches}`);
      return { cases, bytes, remark: remark(), corpus, finding };
    }
    keepNovel(random, corpus, batch.text, novelLines);
    cases += batch.mutated;
    bytes += batch.text.length;
  }
  return { cases, bytes, remark: remark(), corpus };
}

const LINE_ENDS = ["\n", "\n", "\n", "\r\n", "\r\n", "\r", "\n\n", "", "\r\r\n"].map(bytesOf);
const MARK = bytesOf("\xef\xbb\xbf");

const sink = new TextSink(4 << 20);

/** The text is valid until the next call. */
function makeBatch(random: Random, grammar: Grammar, corpus: readonly Uint8Array[], records: number, hasMark: boolean) {
  sink.length = 0;
  if (hasMark && random.chance(0.1)) sink.put(MARK);
  grammar.begin(random, sink);
  const lineEnds = random.chance(0.5) ? LINE_ENDS.slice(0, 1) : random.chance(0.4) ? LINE_ENDS.slice(3, 4) : LINE_ENDS;
  let mutated = 0;
  for (let i = 0; i < records; i++) {
    const start = sink.length;
    if (corpus.length > 0 && random.below(6) === 0) sink.put(corpus[random.below(corpus.length)]!);
    else grammar.record(random, sink);
    // An ordinary neighbour now and then.
    if (random.below(8) > 0) {
      mutate(random, sink, start, grammar.delimiter, corpus);
      mutated++;
    }
    if (i + 1 < records || random.chance(0.5)) sink.put(lineEnds[random.below(lineEnds.length)]!);
  }
  return { text: sink.written(), mutated: Math.max(1, mutated) };
}

function settingsOf(random: Random, subject: ScannerSubject, textBytes: number): CaseSettings {
  // Blocks of a few bytes are for small texts: each one is looked at from the start of its record.
  const fewest = textBytes < 4000 ? 1 : 2000;
  const blockBytes = random.chance(0.5) ? Math.max(1, textBytes) : fewest + random.below(Math.min(textBytes, 300_000));
  const names = allColumnNames(subject);
  const table = random.below(10);
  return {
    blockBytes,
    ...(random.chance(0.3) && { rowGroupRows: [7, 500, 2500][random.below(3)]! }),
    ...(random.chance(0.2) && { maxEntryBytes: [200, 400, 1000, 8000][random.below(4)]! }),
    ...(random.chance(0.3) && { encodings: "delta" }),
    ...(table === 0 && { columns: names.filter((name) => name === "_line" || random.chance(0.5)) }),
    ...(table === 1 && { columns: names }),
  };
}

function scanSettingsOf(random: Random, textBytes: number): ScanSettings {
  const isSmall = textBytes < 4000;
  const seed = random.uint32();
  return {
    stepBytes: random.chance(0.3) ? textBytes : (isSmall ? 1 : 5000) + random.below(isSmall ? 200 : 200_000),
    maxEntryBytes: random.chance(0.15) ? 200 + random.below(1000) : 16 << 20,
    isWanted: random.chance(0.8) ? () => true : (column) => ((seed >>> (column & 31)) & 1) === 1,
  };
}

function keepNovel(random: Random, corpus: Uint8Array[], text: Uint8Array, lines: readonly number[]): void {
  const wanted = new Set(lines);
  if (wanted.size === 0) return;
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    const lineFeed = text.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? text.length : lineFeed;
    if (wanted.has(line) && end > start && end - start <= MAX_CORPUS_RECORD_BYTES) {
      const record = text.slice(start, end);
      if (corpus.length < MAX_CORPUS) corpus.push(record);
      else corpus[random.below(MAX_CORPUS)] = record;
    }
    start = end + 1;
  }
}

async function minimised(
  subject: ScannerSubject,
  text: Uint8Array,
  check: Check,
  broken: string,
  seed: string,
): Promise<Finding> {
  // The sink is used again while the text gets smaller.
  const original = text.slice();
  const kind = kindOf(broken);
  const fails = async (candidate: Uint8Array) => {
    const now = await check.of(candidate);
    return now !== undefined && kindOf(now) === kind;
  };
  const smallest = (await fails(original)) ? await shrink(linesOf(original), fails) : original;
  return {
    target: subject.name,
    seed,
    broken: (await check.of(smallest)) ?? broken,
    settings: check.settings,
    text: smallest,
  };
}

/** What has to stay the same for it to be the same failure. */
function kindOf(broken: string): string {
  return broken.replace(/\d+/g, "N").slice(0, 40);
}

function linesOf(text: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < text.length; ) {
    const lineFeed = text.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? text.length : lineFeed + 1;
    lines.push(text.subarray(start, end));
    start = end;
  }
  return lines;
}
