/** Reads the items of a distributed Map from S3: a listing, or a JSON, JSON Lines, CSV or manifest object. */
import { gunzipSync } from "node:zlib";
import type { TaskHost } from "../../ports/task-host.ts";
import { isObject, type Json, type JsonObject } from "../../values/json.ts";
import { StatesError } from "../../values/states-error.ts";

export interface ReaderConfig {
  InputType?: string;
  CSVHeaderLocation?: string;
  CSVHeaders?: string[];
  CSVDelimiter?: string;
  /** Where the items lie inside a JSON object, as a JSON pointer. */
  ItemsPointer?: string;
  MaxItems?: number;
}

const DELIMITERS: Record<string, string> = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" };

function failed(cause: string): StatesError {
  return new StatesError("States.ItemReaderFailed", cause);
}

/**
 * @param resource - `arn:aws:states:::s3:getObject` or `...:listObjectsV2`.
 * @throws {StatesError} States.ItemReaderFailed.
 */
export async function readItems(
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
    // A row may be longer than the header: what has no name is left out. A shorter one is filled with empty text.
    return Object.fromEntries(headers.map((header, i) => [header, row[i] ?? ""]));
  });
}

/** RFC 4180, and lines that hold nothing are passed over. */
function csvRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  const endRow = () => {
    row.push(field);
    if (row.length > 1 || field !== "") rows.push(row);
    row = [];
    field = "";
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char === '"' && text[i + 1] === '"') {
        field += '"';
        i++;
      } else if (char === '"') quoted = false;
      else field += char;
    } else if (char === '"' && field === "") quoted = true;
    else if (char === delimiter) {
      row.push(field);
      field = "";
    } else if (char === "\n") endRow();
    else if (char !== "\r" || text[i + 1] !== "\n") field += char;
  }
  if (field !== "" || row.length > 0) endRow();
  return rows;
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
