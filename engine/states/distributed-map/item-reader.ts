/** Reads the items of a distributed Map from S3: a listing, or a JSON, JSON Lines, CSV or manifest object. */
import { gunzipSync } from "node:zlib";
import type { DataScope } from "../../data/state-data.ts";
import type { CompiledState } from "../../definition/machine.ts";
import type { TaskHost } from "../../ports/task-host.ts";
import { isObject, type Json, type JsonObject, toText } from "../../values/json.ts";
import { StatesError } from "../../values/states-error.ts";
import { csvRows } from "./csv-rows.ts";

interface ReaderConfig {
  InputType?: string;
  CSVHeaderLocation?: string;
  CSVHeaders?: string[];
  CSVDelimiter?: string;
  /** JSON pointer to the items inside a JSON object. */
  ItemsPointer?: string;
  MaxItems?: number;
}

const DELIMITERS: Record<string, string> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

function failed(cause: string): StatesError {
  return new StatesError("States.ItemReaderFailed", cause);
}

/**
 * Reads the items that a state's `ItemReader` names.
 * @throws {StatesError} States.ItemReaderFailed.
 */
export async function readFromS3(host: TaskHost, scope: DataScope, state: CompiledState): Promise<Json[]> {
  const reader = state.raw["ItemReader"] as JsonObject;
  const name = state.data.language === "JSONata" ? "ItemReader/Arguments" : "ItemReader/Parameters";
  const parameters = (await state.data.template(scope, name)) ?? {};
  const maxItems = await state.data.scalar(scope, { name: "ItemReader/ReaderConfig/MaxItems", type: "integer" });
  const config = { ...(isObject(reader["ReaderConfig"]) ? reader["ReaderConfig"] : {}) } as ReaderConfig;
  if (maxItems !== undefined) config.MaxItems = checkMaxItems(maxItems, reader);
  return readItems(host, String(reader["Resource"]), parameters as JsonObject, config);
}

function checkMaxItems(value: Json, reader: JsonObject): number {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  const path = isObject(reader["ReaderConfig"]) ? reader["ReaderConfig"]["MaxItemsPath"] : undefined;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    const text = typeof value === "string" ? value : toText(value);
    throw failed(`The MaxItemsPath field refers to value "${text}" which is not a valid integer: ${String(path)}`);
  }
  if (number < 0) throw failed("field MaxItems must be positive");
  return number;
}

/** @param resource - `arn:aws:states:::s3:getObject` or `...:listObjectsV2`. */
async function readItems(
  host: TaskHost,
  resource: string,
  parameters: JsonObject,
  config: ReaderConfig,
): Promise<Json[]> {
  const limit = config.MaxItems && config.MaxItems > 0 ? config.MaxItems : Infinity;
  if (resource.endsWith(":s3:listObjectsV2")) return listObjects(host, parameters, limit);
  const bucket = String(parameters["Bucket"]);
  const key = String(parameters["Key"]);
  const text = await readText(host, bucket, key);
  switch (config.InputType) {
    case "CSV":
      return csvItems(text, config, limit);
    case "JSONL":
      return lines(text)
        .slice(0, limit)
        .map((line) => parse(line, `Unable to parse the JSON Lines object s3://${bucket}/${key}`));
    case "MANIFEST":
      return manifestItems(host, bucket, text, limit);
    default: {
      let json: Json = parse(text, `Unable to parse the JSON object s3://${bucket}/${key}`);
      for (const part of (config.ItemsPointer ?? "").split("/").slice(1)) {
        json = (isObject(json) ? json[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined) ?? null;
      }
      if (!Array.isArray(json)) throw failed("Attempting to map over non-iterable node.");
      return json.slice(0, limit);
    }
  }
}

async function listObjects(host: TaskHost, parameters: JsonObject, limit: number): Promise<Json[]> {
  if (!host.listObjects) throw failed("The task host cannot list objects");
  const items: Json[] = [];
  for await (const object of host.listObjects(parameters)) {
    if (items.push(object) >= limit) break;
  }
  return items;
}

async function readText(host: TaskHost, bucket: string, key: string): Promise<string> {
  if (!host.readObject) throw failed("The task host cannot read objects");
  const bytes = await host.readObject(bucket, key);
  if (!bytes) throw failed("The specified key does not exist.");
  const plain = key.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  return new TextDecoder("utf-8").decode(plain);
}

function parse(text: string, problem: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw failed(problem);
  }
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function csvItems(text: string, config: ReaderConfig, limit: number): Json[] {
  const rows = csvRows(text, DELIMITERS[config.CSVDelimiter ?? "COMMA"] ?? ",");
  let headers = config.CSVHeaders ?? [];
  if (config.CSVHeaderLocation !== "GIVEN") headers = rows.shift() ?? [];
  if (new Set(headers).size < headers.length) throw failed("CSV headers cannot contain duplicates.");
  return rows.slice(0, limit).map((row) => {
    // A row may be longer than the header: fields without a name are left out. A shorter row is filled with empty text.
    return Object.fromEntries(headers.map((header, i) => [header, row[i] ?? ""]));
  });
}

/** An S3 Inventory manifest: its files are gzipped CSV whose columns the manifest names. */
async function manifestItems(host: TaskHost, bucket: string, text: string, limit: number): Promise<Json[]> {
  const manifest = parse(text, "Unable to parse the manifest");
  if (!isObject(manifest) || !Array.isArray(manifest["files"]) || typeof manifest["fileSchema"] !== "string") {
    throw failed("The manifest names no files");
  }
  const headers = manifest["fileSchema"].split(",").map((name) => name.trim());
  const source =
    typeof manifest["destinationBucket"] === "string" ? manifest["destinationBucket"].split(":").at(-1)! : bucket;
  const items: Json[] = [];
  for (const file of manifest["files"]) {
    const key = isObject(file) ? String(file["key"]) : String(file);
    for (const row of csvRows(await readText(host, source, key), ",")) {
      items.push(Object.fromEntries(headers.map((header, i) => [header, row[i] ?? ""])));
      if (items.length >= limit) return items;
    }
  }
  return items;
}
