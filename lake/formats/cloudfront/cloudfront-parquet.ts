/**
 * The columns of CloudFront's standard logs (v2) in Parquet: the names of the fields in lower case, with `_` for what a
 * column's name cannot hold. All are text.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-manual-parquet.html
 */
import { cloudfrontJson } from "./cloudfront-json.ts";

/** Fields of v2 that have no column here: they go to `_extra` under the name that they have in JSON. */
const OTHER_FIELDS = [
  "DistributionId",
  "asn",
  "c-country",
  "cache-behavior-path-pattern",
  "origin-fbl",
  "origin-lbl",
  "x-edge-mqcs",
] as const;

const fieldOfColumn: ReadonlyMap<string, string> = new Map(
  [...cloudfrontJson.columns().map(({ upstreamName }) => upstreamName), ...OTHER_FIELDS].map((field) => [
    columnOf(field),
    field,
  ]),
);

/** `cs(User-Agent)` is `cs_user_agent`, `timestamp(ms)` is `timestamp_ms`. */
function columnOf(field: string): string {
  return field
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}

/** The keys of a file's columns in CloudFront's JSON; the columns of other files keep their names. */
export function cloudFrontKeys(columnNames: readonly string[]): readonly string[] {
  const fields = columnNames.map((name) => fieldOfColumn.get(columnOf(name)) ?? name);
  const sample = Buffer.from(`{${fields.map((field) => `${JSON.stringify(field)}:""`).join(",")}}\n`);
  return cloudfrontJson.claims(sample) ? fields : columnNames;
}
