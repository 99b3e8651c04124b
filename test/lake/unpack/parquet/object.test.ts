import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ObjectVanished } from "../../../../lake/errors.ts";
import { cloudFrontKeys } from "../../../../lake/formats/cloudfront/cloudfront-parquet.ts";
import { formatNamed } from "../../../../lake/formats/index.ts";
import { acceptedParquet } from "../../../../lake/sources/detection.ts";
import { Archive } from "../../../../lake/unpack/archive.ts";
import {
  ParquetObject,
  parquetText,
  type RangeReader,
  startsLikeParquet,
} from "../../../../lake/unpack/parquet/object.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { isThorough, runs } from "../../../tiers/depth.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";

const object = { bucket: "raw", key: "logs.parquet" };
const archive = () => new Archive({ object });
const inMemory = (bytes: Uint8Array): RangeReader => ({
  byteLength: bytes.length,
  read: async (startByte, endByte) => bytes.subarray(startByte, endByte),
});

async function textOf(reader: RangeReader, keyOf = cloudFrontKeys): Promise<string> {
  return Buffer.concat(await Array.fromAsync(parquetText(reader, archive(), keyOf))).toString();
}

let folder: string;
let duckdb: Awaited<ReturnType<DuckDBInstance["connect"]>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-parquet-"));
  duckdb = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
});
afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

/** A file as DuckDB writes it. */
async function written(select: string, options = ""): Promise<Uint8Array> {
  const path = join(folder, "made.parquet");
  await duckdb.run(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`);
  return readFileSync(path);
}

describe("a Parquet object", () => {
  it("is told by its first bytes", () => {
    expect(startsLikeParquet(Buffer.from("PAR1\x15"))).toBe(true);
    expect(startsLikeParquet(Buffer.from("PAR"))).toBe(false);
  });

  it("gives a line of JSON for each row, with every digit", async () => {
    const select = `SELECT 9007199254740993::BIGINT AS big, -5::TINYINT AS small, 18446744073709551615::UBIGINT AS unsigned,
      1.5::DOUBLE AS d, 'nan'::DOUBLE AS nothing, 123456789012345678.90::DECIMAL(20,2) AS price, -0.05::DECIMAL(4,2) AS fee,
      '2026-01-17 10:00:00.123456'::TIMESTAMP AS micros, '2026-01-17 10:00:00.123456789'::TIMESTAMP_NS AS nanos,
      '1969-12-31 23:59:59.5'::TIMESTAMP AS before, '2026-02-28'::DATE AS day, '10:20:30'::TIME AS tod,
      NULL::VARCHAR AS missing, 'tab\tquote"\u2028line
end' AS words, true AS yes, '\\xff\\x00'::BLOB AS bytes, 'a3bb189e-8bf9-3888-9912-ace4e6543002'::UUID AS id,
      [1, NULL, 3] AS list, {'a': 1, 'b': ['x', NULL]} AS nested`;
    const text = await textOf(inMemory(await written(select)));
    expect(text).toBe(
      '{"big":9007199254740993,"small":-5,"unsigned":18446744073709551615,"d":1.5,"nothing":"NaN",' +
        '"price":123456789012345678.90,"fee":-0.05,"micros":"2026-01-17T10:00:00.123456Z",' +
        '"nanos":"2026-01-17T10:00:00.123456789Z","before":"1969-12-31T23:59:59.500000Z","day":"2026-02-28","tod":"10:20:30",' +
        `"missing":null,"words":"tab\\tquote\\"\u2028line\\nend","yes":true,"bytes":"/wA=",` +
        '"id":"a3bb189e-8bf9-3888-9912-ace4e6543002","list":[1,null,3],"nested":{"a":1,"b":["x",null]}}\n',
    );
    expect(text.split("\n")).toHaveLength(2);
  });

  it.each(["snappy", "gzip", "zstd", "uncompressed", "brotli", "lz4_raw"])(
    "reads all row groups, packed with %s",
    async (codec) => {
      const bytes = await written(
        "SELECT i, 'value ' || (i % 7) AS text, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 1.5 END AS d FROM range(9000) t(i)",
        `, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048`,
      );
      const lines = (await textOf(inMemory(bytes))).trimEnd().split("\n");
      expect(lines.map((line) => JSON.parse(line))).toEqual(
        Array.from({ length: 9000 }, (_, i) => ({ i, text: `value ${i % 7}`, d: i % 3 === 0 ? null : i * 1.5 })),
      );
    },
  );

  it("reads large row groups in slices, each range once", async () => {
    const bytes = await written(
      "SELECT i, repeat(md5(i::VARCHAR), 8) AS text FROM range(100000) t(i)",
      ", ROW_GROUP_SIZE 100000",
    );
    const reads: number[] = [];
    const reader = inMemory(bytes);
    let lineCount = 0;
    const counted: RangeReader = {
      ...reader,
      read: (startByte, endByte) => {
        reads.push(endByte - startByte);
        return reader.read(startByte, endByte);
      },
    };
    for await (const text of parquetText(counted, archive(), cloudFrontKeys)) {
      expect(text.length).toBeLessThan(3 << 20);
      lineCount += text.toString().split("\n").length - 1;
    }
    expect(lineCount).toBe(100_000);
    expect(reads.reduce((sum, size) => sum + size, 0)).toBeLessThan(bytes.length + (1 << 20));
  });

  it("is refused where it is cut or damaged", async () => {
    const bytes = await written("SELECT i, md5(i::VARCHAR) AS text FROM range(5000) t(i)", ", COMPRESSION snappy");
    for (const length of [4, 12, 100, bytes.length - 1, bytes.length - 9]) {
      const cut = textOf(inMemory(bytes.subarray(0, length)));
      await expect(cut).rejects.toMatchObject({ name: "CorruptArchive", message: expect.stringMatching(/footer/) });
    }
    const footer = Buffer.from(bytes);
    footer.fill(0xff, bytes.length - 200, bytes.length - 20);
    await expect(textOf(inMemory(footer))).rejects.toMatchObject({ name: "CorruptArchive" });
    const page = Buffer.from(bytes);
    page.fill(0xff, 20, 200);
    await expect(textOf(inMemory(page))).rejects.toMatchObject({ name: "CorruptArchive" });
  });

  it("never hangs nor fails in another way, whatever bit is wrong", async () => {
    const select = "SELECT i, 'value ' || (i % 7) AS text, [i, NULL] AS list FROM range(200) t(i)";
    for (const options of ["", ", COMPRESSION uncompressed, PARQUET_VERSION V2"]) {
      const bytes = await written(select, options);
      const outcomes = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 32, max: 8 * bytes.length - 1 }), async (bit) => {
          const damaged = Buffer.from(bytes);
          damaged[bit >> 3]! ^= 1 << (bit & 7);
          const name = await textOf(inMemory(damaged)).then(
            () => "text",
            (error: Error) => error.name,
          );
          outcomes.add(name);
          // A bit of the number of a codec or an encoding can make it one that is not read.
          expect(["text", "CorruptArchive", "ArchiveTooLarge", "UnknownFormat"]).toContain(name);
        }),
        { numRuns: runs(50) },
      );
      // Half of all bits damage the file; a handful of cases may miss them.
      if (isThorough) expect([...outcomes]).toContain("CorruptArchive");
    }
  });

  it("is quoted by no error where nobody may quote it, however it is damaged", async () => {
    const bytes = await written(
      "SELECT 'kanari value ' || i AS kanari_name FROM range(300) t(i)",
      ", COMPRESSION snappy",
    );
    const messageOf = async (damaged: Uint8Array, mayQuote: boolean) => {
      const text = parquetText(inMemory(damaged), new Archive({ object, mayQuote }), cloudFrontKeys);
      return await Array.fromAsync(text).then(
        () => "",
        (error: Error) => error.message,
      );
    };
    const quoted = new Set<string>();
    // A name that the schema does not know, no page where there should be one, and any byte.
    const renamed = Buffer.from(bytes);
    renamed.write("kanari_else", renamed.lastIndexOf("kanari_name"));
    const pageless = Buffer.from(bytes).fill(0xff, 4, 12);
    const flipped = Array.from({ length: bytes.length - 4 }, (_, i) => {
      const damaged = Buffer.from(bytes);
      damaged[4 + i]! ^= 0x80 >> (i % 8);
      return damaged;
    });
    for (const damaged of [renamed, pageless, ...flipped.filter((_, i) => i % 7 === 0)]) {
      const message = await messageOf(damaged, true);
      if (message.includes("kanari")) quoted.add(message);
      const withheld = await messageOf(damaged, false);
      expect(withheld).not.toContain("kanari");
      expect(withheld === "").toBe(message === "");
    }
    expect([...quoted].join()).toMatch(/element not found: kanari_else/);
    expect([...quoted].join()).toMatch(/column kanari_name of row group 0 is damaged/);
    expect(await messageOf(pageless, false)).toMatch(/column number 1 of row group 0 is damaged/);
  });

  it("says what kind it is that is not read, whether it may be quoted or not", async () => {
    const bytes = await written("SELECT i, 'text ' || i AS t FROM range(900) t(i)", ", COMPRESSION gzip");
    const errors: Error[] = [];
    // Wherever the footer may hold the codec: 3 is LZO.
    for (let at = bytes.length - 600; at < bytes.length - 8; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = 6;
      const text = parquetText(inMemory(changed), new Archive({ object, mayQuote: false }), cloudFrontKeys);
      await Array.fromAsync(text).catch((error: Error) => errors.push(error));
    }
    const named = errors.filter(({ message }) => message.includes("LZO"));
    expect(named.length).toBeGreaterThan(0);
    for (const { name, message } of named) {
      expect(name).toBe("UnknownFormat");
      expect(message).toMatch(
        /it is Parquet with the compression codec LZO, which is not supported\. Write it with Snappy/,
      );
    }
  });

  it("may have a dictionary with more entries than rows", async () => {
    const words = Array.from({ length: 200 }, (_, i) => `'word ${i}'`).join(",");
    await duckdb.run(`CREATE TYPE words AS ENUM (${words})`);
    const bytes = await written("SELECT ('word ' || i)::words AS e FROM range(50) t(i)");
    const lines = (await textOf(inMemory(bytes))).trimEnd().split("\n");
    expect(lines).toEqual(Array.from({ length: 50 }, (_, i) => `{"e":"word ${i}"}`));
  });

  it("keeps a U+FEFF at the beginning of a text, of bytes, of JSON and of what is inside", async () => {
    const bytes = await written(
      "SELECT '\ufeffx' AS a, '\ufeff' AS b, '\\xEF\\xBB\\xBFz'::BLOB AS c, ['\ufeff'] AS d, {'k': '\ufeffy'} AS e, '\ufeff'::ENUM('\ufeff') AS f",
    );
    const text = await textOf(inMemory(bytes));
    expect(JSON.parse(text)).toEqual({
      ...{ a: "\ufeffx", b: "\ufeff", c: "\ufeffz", d: ["\ufeff"] },
      ...{ e: { k: "\ufeffy" }, f: "\ufeff" },
    });
  });

  it.skipIf(!hasSharedData)(
    "with checksums is refused where a page is wrong (skipped without ../shared/data)",
    async () => {
      const folder = "parquet/spark-partitioned/update_date=20240312/app_id=GMTServerLogin2";
      const bytes = readFileSync(`${sharedData}${folder}/part-00000.c000.snappy.parquet`);
      const text = await textOf(inMemory(bytes));
      let refused = 0;
      for (let at = 4; at < 1600; at += 11) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 4;
        const got = await textOf(inMemory(damaged)).catch((error: Error) => error);
        if (got instanceof Error) refused++;
        else expect(got).toBe(text);
      }
      expect(refused).toBeGreaterThan(50);
    },
  );

  it("does not take the fault of the connection for its own", async () => {
    const bytes = await written("SELECT 1 AS i");
    const vanished = new ObjectVanished(object, "e");
    const gone: RangeReader = { byteLength: bytes.length, read: () => Promise.reject(vanished) };
    await expect(textOf(gone)).rejects.toBe(vanished);
    let reads = 0;
    const later: RangeReader = {
      ...inMemory(bytes),
      read: (from, to) => (reads++ > 0 ? Promise.reject(vanished) : inMemory(bytes).read(from, to)),
    };
    await expect(textOf(later)).rejects.toBe(vanished);
  });

  it("counts against the limits", async () => {
    const bytes = await written("SELECT i, 'the same' AS text FROM range(20000) t(i)");
    const limits = { maxBytes: 1e9, maxRatio: 2, ratioFromBytes: 10_000 };
    const text = parquetText(inMemory(bytes), new Archive({ object, limits }), cloudFrontKeys);
    await expect(Array.fromAsync(text)).rejects.toMatchObject({ name: "ArchiveTooLarge" });
  });

  it("may have no row", async () => {
    expect(await textOf(inMemory(await written("SELECT 1 AS a WHERE false")))).toBe("");
  });

  it.skipIf(!hasSharedData)("of any writer gives its rows (skipped without ../shared/data)", async () => {
    const files = readdirSync(`${sharedData}parquet`).filter((name) => name.endsWith(".parquet"));
    expect(files.length).toBeGreaterThan(10);
    for (const name of files) {
      const bytes = readFileSync(`${sharedData}parquet/${name}`);
      const text = await textOf(inMemory(bytes));
      const rows = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object);
      const upstream = JSON.parse(readFileSync(`${sharedData}parquet/${name.replace(/parquet$/, "json")}`, "utf8"));
      // Upstream leaves members without a value out, and has null for what JSON has no number for.
      const values = rows.map((row) => Object.values(row).map((value) => (value === "NaN" ? null : value)));
      expect([name, withoutNulls(values)]).toEqual([name, withoutNulls(upstream)]);
    }
  });
});

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, member) => {
    if (member === null || typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).filter(([, inner]) => inner !== null));
  });
}

describe("CloudFront's Parquet", () => {
  const fields: Record<string, string | null> = {
    date: "2026-01-17",
    time: "10:00:01",
    x_edge_location: "SOF50-P2",
    sc_bytes: "9007199254740993",
    c_ip: "192.0.2.7",
    cs_method: "GET",
    cs_host: "d111111abcdef8.cloudfront.net",
    cs_uri_stem: "/caf%C3%A9",
    sc_status: "200",
    cs_referer: "-",
    cs_user_agent: "Mozilla/5.0%20(X11)",
    cs_cookie: null,
    x_edge_mqcs: null,
    time_taken: "0.001",
    c_country: "DE",
  };
  const json = (fields: Record<string, string | null>) => `${JSON.stringify(fields)}\n`;

  it("has the keys of its JSON", () => {
    expect(
      cloudFrontKeys(["date", "time", "timestamp_ms", "cs_user_agent", "cs_host", "DistributionId", "sc_bytes"]),
    ).toEqual(["date", "time", "timestamp(ms)", "cs(User-Agent)", "cs(Host)", "DistributionId", "sc-bytes"]);
    expect(cloudFrontKeys(["date", "time", "amount", "sc"])).toEqual(["date", "time", "amount", "sc"]);
  });

  it("gives the rows that its JSON gives", async () => {
    const columns = Object.entries(fields).map(
      ([name, value]) => `${value === null ? "NULL" : `'${value}'`}::VARCHAR AS ${name}`,
    );
    const bytes = await written(`SELECT ${columns.join(", ")} FROM range(3)`);
    const parquet = await ParquetObject.open(inMemory(bytes), archive(), cloudFrontKeys);
    expect(acceptedParquet(object, parquet.keys, "cloudfront")).toBe("cloudfront-json");
    const text = await textOf(inMemory(bytes));
    const cloudfrontJson = formatNamed("cloudfront-json");
    const rows = await readRows((await parseText(cloudfrontJson, text)).files);
    const upstream = Object.fromEntries(
      cloudFrontKeys(Object.keys(fields)).map((key, i) => [key, Object.values(fields)[i]!]),
    );
    expect(rows).toEqual(await readRows((await parseText(cloudfrontJson, json(upstream).repeat(3))).files));
    expect(rows[0]).toMatchObject({
      sc_bytes: 9007199254740993n,
      cs_uri_stem: "/café",
      cs_user_agent: "Mozilla/5.0 (X11)",
      cs_referer: null,
      sc_status: 200,
      _extra: expect.stringContaining('"c-country":"DE"'),
    });
  });

  it("is what a source of CloudFront logs takes, and other Parquet what one of JSON takes", () => {
    expect(acceptedParquet(object, ["order_id", "amount"], "json")).toBe("json");
    expect(() => acceptedParquet(object, ["order_id", "amount"], "cloudfront")).toThrow(
      /it is Parquet with the columns order_id, amount, and its source, cloudfront, reads none such/,
    );
    expect(() => acceptedParquet(object, cloudFrontKeys(Object.keys(fields)), "json")).toThrow(
      /date, time, x-edge-location/,
    );
    // Names are text that somebody made up, too.
    expect(() => acceptedParquet(object, ["order_id", "amount"], "cloudfront", false)).toThrow(
      /it is Parquet with 2 columns, and its source/,
    );
  });
});

it("reads what hyparquet-writer writes", async () => {
  const file = parquetWriteBuffer({ columnData: [{ name: "a", data: ["x", null], type: "STRING", nullable: true }] });
  expect(await textOf(inMemory(new Uint8Array(file)))).toBe('{"a":"x"}\n{"a":null}\n');
});

it("gives the values of typed columns to a source of JSON", async () => {
  const bytes = await written(
    "SELECT 9007199254740993::BIGINT AS id, '2026-01-17 23:59:59.123456'::TIMESTAMP AS at, 12.50::DECIMAL(9,2) AS price FROM range(2)",
  );
  const formatOptions = {
    columns: [
      { name: "id", type: "int64", upstreamName: "id" },
      { name: "at", type: "timestamp_micros", upstreamName: "at" },
    ],
    time: "at",
  };
  const { files, rejected } = await parseText(formatNamed("json"), await textOf(inMemory(bytes)), { formatOptions });
  expect(rejected).toEqual([]);
  expect([...files.keys()]).toEqual(["2026-01-17"]);
  const [row] = await readRows(files);
  expect(row).toMatchObject({ id: 9007199254740993n, _extra: '{"price":12.50}' });
  expect((row!.at as Date).toISOString()).toBe("2026-01-17T23:59:59.123Z");
});
