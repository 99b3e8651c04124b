/** Looks again at one case: a finding that was kept, or one that was just printed. */

import { checkBatch } from "./cases/check-batch.ts";
import type { CaseSettings } from "./cases/parse-case.ts";
import { type ArchiveCase, checkArchive } from "./fuzz-archives.ts";
import { checkSnappy } from "./fuzz-snappy.ts";
import { checkSplits, type SplitSettings } from "./fuzz-splits.ts";
import { bytesOf } from "./grammars/hostile-text.ts";
import { packers } from "./grammars/packers.ts";
import { subjects } from "./subjects.ts";

/** As `describeFinding` prints it. */
export interface KeptCase {
  /** What was wrong. */
  readonly about?: string;
  readonly target: string;
  readonly settings: object;
  /** In Latin-1: one character for each byte. */
  readonly text: string;
}

type KeptArchive = Pick<ArchiveCase, "kind" | "blocks" | "ends" | "isChecked"> & { readonly text: string };

/** @returns What is wrong; undefined when nothing is. */
export async function replay({ target, settings, text }: KeptCase): Promise<string | undefined> {
  const packer = packers.find(({ name }) => name === target);
  if (packer) {
    const kept = settings as KeptArchive;
    const one = { ...kept, bytes: bytesOf(text), text: bytesOf(kept.text), cases: 1 };
    return (await checkArchive(packer.compression, one)).broken;
  }
  if (target === "snappy") return checkSnappy(bytesOf(text));
  const isSplit = target.startsWith("splits:");
  const subject = subjects.find(({ name }) => name === (isSplit ? target.slice("splits:".length) : target));
  if (!subject) throw new Error(`No target "${target}"`);
  if (isSplit) return checkSplits(subject, bytesOf(text), settings as SplitSettings);
  // A text that failed in a scan alone has to pass a whole parse.
  return checkBatch(subject, bytesOf(text), { blockBytes: text.length, ...(settings as Partial<CaseSettings>) });
}
