/** The logs that the demo puts in: two days of each source whose format can be made up, the same ones each time. */
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { samples } from "../../../lake/generate/index.ts";
import type { SampleFile, SampleOptions } from "../../../lake/generate/sample.ts";
import config from "../../../sluice.config.ts";
import { progress } from "../../progress.ts";
import { SAMPLE_DAYS, SAMPLE_FIRST_DAY, writeSample } from "../../sample-file.ts";
import type { FileToUpload } from "../../upload.ts";

const SEED = 7;
const GOOD_FILES: SampleOptions = {
  rows: 24_000,
  seed: SEED,
  firstDay: SAMPLE_FIRST_DAY,
  days: SAMPLE_DAYS,
  files: 8,
  oddLines: 5,
};
/** Has other rows than any good file. */
const CORRUPT_FILE: SampleOptions = {
  rows: 500,
  seed: SEED + 1,
  firstDay: SAMPLE_FIRST_DAY,
  days: 1,
  files: 1,
  oddLines: 0,
};

/** The files of one source. */
export interface DemoSource {
  source: string;
  samples: readonly SampleFile[];
  files: FileToUpload[];
  /** The key of the object that cannot be unpacked. */
  corruptKey: string | undefined;
}

/** Writes the logs of all sources. The first source gets one file more, which is corrupt. */
export async function makeSamples(dir: string): Promise<DemoSource[]> {
  const line = progress("Making sample logs");
  const sources: DemoSource[] = [];
  for (const [source, { format, prefix }] of Object.entries(config.sources)) {
    const makeSample = samples[format];
    if (!makeSample) continue;
    const folder = join(dir, "samples", source);
    await rm(folder, { recursive: true, force: true });
    const made = makeSample(GOOD_FILES);
    const files: FileToUpload[] = [];
    for (const file of made) files.push(await writtenFile(folder, prefix, file));
    let corruptKey: string | undefined;
    if (sources.length === 0) {
      const file = await writtenFile(folder, prefix, makeSample(CORRUPT_FILE)[0]!);
      await corrupt(file);
      corruptKey = file.key;
      files.push(file);
    }
    sources.push({ source, samples: made, files, corruptKey });
  }
  line.done(`Two days of sample logs in ${join(dir, "samples")}`);
  return sources;
}

async function writtenFile(folder: string, prefix: string, file: SampleFile): Promise<FileToUpload> {
  const path = join(folder, file.name);
  await writeSample(file, path);
  return { path, key: prefix + file.name, sizeBytes: (await stat(path)).size };
}

/** Puts a hole into the middle of an archive, as a bad disk does. */
async function corrupt({ path, sizeBytes }: FileToUpload): Promise<void> {
  await using file = await open(path, "r+");
  await file.write(Buffer.alloc(64), 0, 64, Math.floor(sizeBytes * 0.6));
}
