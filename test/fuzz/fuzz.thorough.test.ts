import { describe, expect, it } from "vitest";
import { readCorpus } from "./corpus.ts";
import { describeFinding } from "./finding.ts";
import { fuzzArchives } from "./fuzz-archives.ts";
import { fuzzScanner } from "./fuzz-scanner.ts";
import { fuzzSnappy } from "./fuzz-snappy.ts";
import { fuzzSplits } from "./fuzz-splits.ts";
import { packers } from "./grammars/packers.ts";
import type { RunResult } from "./run.ts";
import { subjects } from "./subjects.ts";

/**
 * A short slice of `npm run fuzz`: the same cases every time, and new ones. A failure prints the seed and the smallest text
 * that shows it, as a fixture for `regressions/`.
 */
const seeds = ["1", String(Date.now())];

function expectNothing({ finding, cases }: RunResult, leastCases: number) {
  expect(finding && describeFinding(finding)).toBeUndefined();
  expect(cases).toBeGreaterThanOrEqual(leastCases);
}

describe.each(subjects)("the scanner of $name", (subject) => {
  it.each(seeds)("reads mutated records as the reference does and loses none (seed %s)", async (seed) => {
    const cases = 600;
    const run = { cases, recordsOfBatch: 250, seed, corpus: readCorpus(subject.name) };
    expectNothing(await fuzzScanner(subject, run), cases);
  });

  it("gives the same however its text is cut", async () => {
    const cases = 40;
    expectNothing(await fuzzSplits(subject, { cases, splitsOfParse: 40, seed: seeds.at(-1)!, corpus: [] }), cases);
  });
});

describe.each(packers)("archives of $name", (packer) => {
  it.each(seeds)("give their text, or a prefix of it and an error by name (seed %s)", async (seed) => {
    const cases = 130;
    expectNothing(await fuzzArchives(packer, { cases, seed, corpus: [] }), cases);
  });
});

describe.each(subjects.filter(({ rowWork }) => rowWork?.canaries))("the canaries of $name", (subject) => {
  it("are found without the policy", async () => {
    const { derive = {}, canaries } = subject.rowWork!;
    const bare = { ...subject, rowWork: { derive, canaries: canaries! } };
    const { finding } = await fuzzScanner(bare, { cases: 100, recordsOfBatch: 100, seed: "1", corpus: [] });
    expect(finding?.broken).toMatch(/^personal data: /);
  });
});

describe("the kernel's Snappy", () => {
  it.each(seeds)("is read back by another one (seed %s)", async (seed) => {
    const cases = 4000;
    expectNothing(await fuzzSnappy({ cases, seed, corpus: [] }), cases);
  });
});
