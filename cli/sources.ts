import { open } from "node:fs/promises";
import { basename } from "node:path";
import { compressionOf, inflateHead } from "../lake/compression.ts";
import { proposeSource } from "../lake/infer-source.ts";
import { parse } from "./arguments.ts";
import { type Command, say, UsageError, WorkFailed } from "./command.ts";

/** So much of a file is read: many records, and a block of any archive. */
const SAMPLE_BYTES = 4 << 20;

const help = `Usage: sluice sources infer FILE [--json]

Proposes a source for sluice.config.ts from a sample file, packed or not. The format is told by the content. For JSON and
delimited text, columns, their types and the event time are taken from the sample: look them over, since types are owned by the
configuration from then on. What no column takes is kept in _extra.

  --json         the proposal and what became of the sample, as JSON on stdout
`;

async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parse(argv, { json: { type: "boolean", default: false } }, true);
  const [action, path, ...rest] = positionals;
  if (action !== "infer") throw new UsageError(`"${action ?? ""}" is nothing to do with sources: infer is`);
  if (path === undefined || rest.length > 0) throw new UsageError("Name one sample file");
  const sample = await readSample(path);
  if (sample.length === 0) throw new WorkFailed(`${path} holds no text that can be unpacked`);
  const proposal = await proposeSource(sample);
  const { format, formatOptions, rows, rejected, invalidFields } = proposal;
  if (values.json) {
    process.stdout.write(`${JSON.stringify(proposal, undefined, 2)}\n`);
    return 0;
  }
  const name =
    basename(path)
      .split(".")[0]!
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^[^a-z]+|-+$/g, "")
      .slice(0, 31) || "sample";
  const source = { format, prefix: `${name}/`, ...(formatOptions && { formatOptions }) };
  process.stdout.write(`${JSON.stringify(name)}: ${JSON.stringify(source, undefined, 2)},\n`);
  say(`Read so, the sample gives ${rows} rows; ${rejected} entries rejected, ${invalidFields} fields of another type.`);
  if (format === "text" || (formatOptions && formatOptions.time === undefined))
    say("No event time was found: rows go to the day on which their batch arrives.");
  return 0;
}

/** The text a file begins with, up to its last whole line. */
async function readSample(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((error: Error) => {
    throw new WorkFailed(`Cannot read ${path}: ${error.message}`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const { text } = await inflateHead(head, compressionOf(head));
    const isWhole = bytesRead < SAMPLE_BYTES;
    return isWhole ? text : text.subarray(0, text.lastIndexOf(0x0a) + 1);
  } finally {
    await file.close();
  }
}

export const sources: Command = { help, run };
