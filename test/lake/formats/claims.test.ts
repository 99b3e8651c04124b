/** Each shared sample is claimed by its own format and, but for the general ones, by no other. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type FormatName, formatNamed, formatOf, formats, isUnmistakable } from "../../../lake/formats/index.ts";
import { compressionOf, unpackHead } from "../../../lake/unpack/compression.ts";
import { hasSharedData, sharedData } from "../../shared-data.ts";

const folders: [folder: string, expected: FormatName, only: RegExp][] = [
  ["cloudfront", "cloudfront", /^(?!.*(v2-aws-docs|no-fields-line)).*(\.log|\.gz)$/],
  ["cloudfront", "cloudfront-json", /^v2-aws-docs.*\.jsonl?$/],
  ["gzip-edge", "cloudfront", /^(?!empty-file|gzip-of-nothing).*\.(gz|log)$/],
  ["alb", "alb", /\.(log|gz)$/],
  ["nlb", "nlb", /\.(log|gz)$/],
  ["elb-classic", "elb-classic", /\.log$/],
  ["s3-access", "s3-access", /\.log$/],
  ["clickstream-json", "json", /\.jsonl(\.gz)?$/],
  ["csv/vega", "csv", /\.csv$/],
];

const samples = hasSharedData
  ? folders.flatMap(([folder, expected, only]) =>
      readdirSync(`${sharedData}${folder}`)
        .filter((name) => only.test(name) && !name.endsWith(".expected.json") && !name.endsWith(".summary.json"))
        .map((name): [string, FormatName] => [`${folder}/${name}`, expected]),
    )
  : [];

async function headOf(path: string): Promise<Uint8Array> {
  const packed = readFileSync(`${sharedData}${path}`);
  const { text } = await unpackHead(packed.subarray(0, 64 << 10), compressionOf(packed));
  return text[0] === 0xef ? text.subarray(3) : text;
}

describe.skipIf(!hasSharedData)("detection, on the shared real files (skipped without ../shared/data)", () => {
  it.each(samples)("names %s", async (path, expected) => {
    const head = await headOf(path);
    expect(formatOf(head)).toBe(expected);
    const claimants = (Object.keys(formats) as FormatName[]).filter(
      (name) => isUnmistakable(name) && formatNamed(name).claims(head),
    );
    expect(claimants).toEqual(isUnmistakable(expected) ? [expected] : []);
  });

  it("names no line of any sample as a format of another", async () => {
    for (const [path, expected] of samples) {
      if (!isUnmistakable(expected) || expected === "cloudfront-json") continue;
      const lines = Buffer.from(await headOf(path))
        .toString("latin1")
        .split(/\r?\n/)
        .slice(0, -1);
      for (const line of lines.slice(0, 200)) {
        const others = (Object.keys(formats) as FormatName[]).filter(
          (name) => name !== expected && isUnmistakable(name) && formatNamed(name).claims(Buffer.from(line, "latin1")),
        );
        expect([path, line, others]).toEqual([path, line, []]);
      }
    }
  });
});
