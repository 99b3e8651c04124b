/** `sluice generate`: writes made-up logs, the same ones for the same seed. */
import { join } from "node:path";
import { samples } from "../../lake/generate/index.ts";
import type { SampleOptions } from "../../lake/generate/sample.ts";
import config from "../../sluice.config.ts";
import { day, parse, wholeNumber } from "../arguments.ts";
import { type Command, UsageError } from "../command.ts";
import { progress } from "../progress.ts";
import { SAMPLE_DAYS, SAMPLE_FIRST_DAY, writeSample } from "../sample-file.ts";

export const generate: Command = {
  help: `Usage: sluice generate SOURCE --rows N [OPTIONS]

Writes gzipped logs in the source's format, as its service would deliver them.

  --rows N         good records over all files
  --seed K         same seed, same bytes (default 1)
  --to DIR         folder to write into (default .sluice/samples/SOURCE)
  --files N        number of files (default 8)
  --first-day D    first day of events, UTC (default ${SAMPLE_FIRST_DAY})
  --days N         number of days (default ${SAMPLE_DAYS})
  --odd-lines N    lines over all files that no reader can make a record of (default 0)
  --json           print what was written as JSON

Example: sluice generate alb --rows 100000 --to /tmp/alb && sluice ingest /tmp/alb --source alb --wait
`,
  async run(argv) {
    const { values, positionals } = parse(
      argv,
      {
        rows: { type: "string" },
        seed: { type: "string", default: "1" },
        to: { type: "string" },
        files: { type: "string", default: "8" },
        "first-day": { type: "string", default: SAMPLE_FIRST_DAY },
        days: { type: "string", default: String(SAMPLE_DAYS) },
        "odd-lines": { type: "string", default: "0" },
        json: { type: "boolean", default: false },
      },
      true,
    );
    const [source, ...rest] = positionals;
    if (source === undefined || rest.length > 0) throw new UsageError("Name one source to generate");
    const format = config.sources[source]?.format;
    if (!format)
      throw new UsageError(
        `There is no source "${source}" in sluice.config.ts: ${Object.keys(config.sources).join(", ")}`,
      );
    if (values.rows === undefined) throw new UsageError("--rows is missing");
    const makeSample = samples[format];
    if (!makeSample)
      throw new UsageError(`No samples are made of the format "${format}", only of ${Object.keys(samples).join(", ")}`);
    const folder = values.to ?? join(".sluice", "samples", source);
    const files = makeSample({
      rows: wholeNumber("rows", values.rows),
      seed: wholeNumber("seed", values.seed),
      firstDay: day("first-day", values["first-day"]),
      days: wholeNumber("days", values.days, 1),
      files: wholeNumber("files", values.files, 1),
      oddLines: wholeNumber("odd-lines", values["odd-lines"]),
    } satisfies SampleOptions);

    const line = progress("Generating");
    const written: { path: string; rows: number; comments: number; oddLines: number }[] = [];
    for (const file of files) {
      line.update(`${written.length} of ${files.length} files`);
      const path = join(folder, file.name);
      await writeSample(file, path);
      written.push({ path, rows: file.rows, comments: file.comments, oddLines: file.oddLines });
    }
    line.done(`${files.length} files in ${folder}`);
    if (values.json) process.stdout.write(`${JSON.stringify(written, null, 2)}\n`);
    return 0;
  },
};
