import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Lake } from "./lake.ts";

let lake: Lake;
beforeEach(() => {
  lake = new Lake();
});
afterEach(() => lake.close());

const ROWS = `SELECT 'GET' AS method, 200 AS status, 7::BIGINT AS bytes, 0.25::DOUBLE AS seconds,
  TIMESTAMP '2026-01-17 10:00:00.123456' AS time`;
const COLUMNS = {
  method: "string",
  status: "int",
  bytes: "bigint",
  seconds: "double",
  time: "timestamp",
  extra: "string",
};

async function twoDays(): Promise<void> {
  await lake.declare("alb", COLUMNS);
  await lake.write("alb", "2026-01-17", `${ROWS} FROM range(3)`);
  await lake.write("alb", "2026-01-18", `${ROWS} FROM range(5)`);
}

describe("a table", () => {
  it("is read by registered partitions alone", async () => {
    await twoDays();
    await lake.write("alb", "2026-01-19", `${ROWS} FROM range(100)`, { register: false });
    expect((await lake.ask("SELECT date, count(*) FROM alb GROUP BY date ORDER BY date")).rows).toEqual([
      ["2026-01-17", "3"],
      ["2026-01-18", "5"],
    ]);
  });

  it("has the declared columns and types, NULL where a file lacks one, and partition keys at the end", async () => {
    await twoDays();
    await lake.write("alb", "2026-01-18", `SELECT 'é' AS extra, 'PUT' AS METHOD`, {
      register: false,
      file: "b-0.parquet",
    });
    const { names, types, rows } = await lake.ask(
      "SELECT * FROM alb WHERE method = 'PUT' OR status = 200 ORDER BY method DESC LIMIT 1",
    );
    expect(names).toEqual([...Object.keys(COLUMNS), "date"]);
    expect(types).toEqual(["varchar", "integer", "bigint", "double", "timestamp", "varchar", "varchar"]);
    expect(rows).toEqual([["PUT", null, null, null, null, "é", "2026-01-18"]]);
  });

  it("shows timestamps with three decimals, rounded as Athena reads them", async () => {
    await lake.declare("t", { time: "timestamp" });
    await lake.write("t", "2026-01-17", "SELECT TIMESTAMP '2026-01-17 10:00:00.1236' AS time");
    expect((await lake.ask("SELECT time, time = TIMESTAMP '2026-01-17 10:00:00.124' FROM t")).rows).toEqual([
      ["2026-01-17 10:00:00.124", "true"],
    ]);
  });

  it("without files has no rows", async () => {
    await lake.declare("empty", COLUMNS);
    expect((await lake.ask("SELECT * FROM empty")).rows).toEqual([]);
    expect((await lake.ask("SELECT count(*), sum(bytes) FROM empty")).rows).toEqual([["0", null]]);
  });

  it("costs what its pruned partitions and named columns weigh", async () => {
    await lake.declare("alb", COLUMNS);
    for (const day of ["17", "18"]) {
      await lake.write(
        "alb",
        `2026-01-${day}`,
        "SELECT md5(range::VARCHAR) AS method, range::INTEGER AS status FROM range(20000)",
      );
    }
    const bytes = async (sql: string) => (await lake.ask(sql)).execution.Statistics!.DataScannedInBytes!;
    const all = await bytes("SELECT * FROM alb");
    const day = await bytes("SELECT * FROM alb WHERE date = '2026-01-17'");
    const column = await bytes("SELECT sum(status) FROM alb a WHERE a.date >= '2026-01-18' AND a.date < '2026-01-19'");
    expect(day / all).toBeCloseTo(0.5, 1);
    expect(column).toBeLessThan(day / 2);
    expect(column).toBeGreaterThan(0);
    expect(await bytes("SELECT * FROM alb WHERE date_parse(date, '%Y-%m-%d') > TIMESTAMP '2026-01-17 12:00:00'")).toBe(
      day,
    );
    expect(await bytes("SELECT count(*) FROM alb WHERE date > '2027-01-01'")).toBe(0);
    expect(await bytes("SELECT * FROM alb WHERE date = '2026-01-17' OR status = 1")).toBe(all);
  });

  it("refuses a file whose type is not the declared one, and names it", async () => {
    await lake.declare("t", { status: "string" });
    await lake.write("t", "2026-01-17", "SELECT 200 AS status");
    expect(await lake.reason("SELECT status FROM t")).toBe(
      "HIVE_BAD_DATA: Field status's type INT32 in parquet file s3://lake/t/date=2026-01-17/a-0.parquet is incompatible with type string defined in table schema",
    );
  });

  it("with a NULL partition and an outer join keeps the rows that the join brings back", async () => {
    await twoDays();
    const { rows } = await lake.ask(
      "SELECT v.d, count(a.status) FROM (VALUES '2026-01-17', '2026-01-30') AS v(d) LEFT JOIN alb a ON a.date = v.d GROUP BY v.d ORDER BY 1",
    );
    expect(rows).toEqual([
      ["2026-01-17", "3"],
      ["2026-01-30", "0"],
    ]);
  });

  it("reads 400 partitions in a moment", { timeout: 30_000 }, async () => {
    await lake.declare("t", { x: "int" });
    await lake.write("t", "2026-01-01", "SELECT 1 AS x");
    for (let day = 0; day < 400; day++) {
      const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
      await lake.call("CreatePartition", {
        DatabaseName: "db",
        TableName: "t",
        PartitionInput: { Values: [`p${date}`], StorageDescriptor: { Location: "s3://lake/t/date=2026-01-01/" } },
      });
    }
    const start = performance.now();
    expect((await lake.ask("SELECT count(*) FROM t")).rows).toEqual([["401"]]);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe("a result", () => {
  it("is a CSV in which every value is quoted and NULL is nothing", async () => {
    const { csv } = await lake.ask(`
      SELECT 'say "hi"' AS text, NULL AS missing, '' AS blank, true AS yes, 1e7 AS big, DECIMAL '1.50' AS money,
             TIMESTAMP '2026-01-17 10:00:00' AS at, ARRAY['a', 'b'] AS list, 'two' || chr(10) || 'lines' AS folded, count(*)`);
    expect(csv).toBe(
      `"text","missing","blank","yes","big","money","at","list","folded","_col9"\n` +
        `"say ""hi""",,"","true","1.0E7","1.50","2026-01-17 10:00:00.000","[a, b]","two\nlines","1"\n`,
    );
  });

  it("lies at the output location beside its metadata", async () => {
    const { execution } = await lake.ask("SELECT 1 AS one");
    const id = execution.QueryExecutionId;
    expect(execution.ResultConfiguration!.OutputLocation).toBe(`s3://results/athena/${id}.csv`);
    expect(existsSync(lake.objects.localPath("results", `athena/${id}.csv.metadata`))).toBe(true);
    expect(execution.Status).toMatchObject({
      State: "SUCCEEDED",
      SubmissionDateTime: expect.any(Date),
      CompletionDateTime: expect.any(Date),
    });
  });

  it("comes in pages, header first, and no row twice", async () => {
    const { execution } = await lake.ask("SELECT x FROM UNNEST(sequence(1, 2500)) AS u (x) ORDER BY x");
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await lake.call("GetQueryResults", { QueryExecutionId: execution.QueryExecutionId, NextToken });
      expect(page.ResultSet.Rows.length).toBeLessThanOrEqual(1000);
      seen.push(...page.ResultSet.Rows.map((row: { Data: { VarCharValue: string }[] }) => row.Data[0]!.VarCharValue));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen).toEqual(["x", ...Array.from({ length: 2500 }, (_, index) => String(index + 1))]);
  });

  it("leaves VarCharValue out for NULL", async () => {
    const { execution } = await lake.ask("SELECT NULL AS a, '' AS b");
    const { ResultSet } = await lake.call("GetQueryResults", { QueryExecutionId: execution.QueryExecutionId });
    expect(ResultSet.Rows[1].Data).toEqual([{}, { VarCharValue: "" }]);
  });

  it("of a failed query is refused", async () => {
    const id = await lake.start("SELECT 1 / 0");
    const { Status } = await lake.ended(id);
    expect(Status!.AthenaError).toMatchObject({ ErrorCategory: 2, Retryable: false });
    await expect(lake.call("GetQueryResults", { QueryExecutionId: id })).rejects.toMatchObject({
      code: "InvalidRequestException",
    });
  });
});

describe("StartQueryExecution", () => {
  it("starts one query for one token", async () => {
    const first = await lake.start("SELECT 1", { ClientRequestToken: "t".repeat(32) });
    expect(await lake.start("SELECT 1", { ClientRequestToken: "t".repeat(32) })).toBe(first);
    await expect(lake.start("SELECT 2", { ClientRequestToken: "t".repeat(32) })).rejects.toThrow(
      /Idempotent parameters/,
    );
    await lake.ended(first);
  });

  it("fills question marks, but not those inside text", async () => {
    const { rows } = await lake.ask("SELECT '?', ? + 1, ? -- ?", { ExecutionParameters: ["41", "'it''s'"] });
    expect(rows).toEqual([["?", "42", "it's"]]);
    await expect(lake.start("SELECT ?", { ExecutionParameters: ["1", "2"] })).rejects.toThrow(/expected 1 but found 2/);
  });

  it.each(["SELECT * FORM t", "SELEC 1", "DELETE FROM t", ""])(
    "refuses %j before there is an execution",
    async (sql) => {
      await expect(lake.start(sql)).rejects.toMatchObject({ code: "InvalidRequestException" });
      expect((await lake.call("ListQueryExecutions", {})).QueryExecutionIds).toEqual([]);
    },
  );

  it("lets an enforcing workgroup decide where results go, and how much may be read", async () => {
    await twoDays();
    await lake.call("CreateWorkGroup", {
      Name: "lake",
      Configuration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 1,
        ResultConfiguration: { OutputLocation: "s3://results/enforced" },
      },
    });
    const free = await lake.ask("SELECT 1", { WorkGroup: "lake" });
    expect(free.execution.ResultConfiguration!.OutputLocation).toMatch(/^s3:\/\/results\/enforced\/[\w-]+\.csv$/);
    const costly = await lake.ended(await lake.start("SELECT * FROM alb", { WorkGroup: "lake" }));
    expect(costly.Status).toMatchObject({
      State: "CANCELLED",
      StateChangeReason: expect.stringMatching(/Bytes scanned limit was exceeded/),
    });
  });

  it("needs an output location", async () => {
    await expect(lake.start("SELECT 1", { ResultConfiguration: {} })).rejects.toThrow(/No output location provided/);
  });
});

describe("a long query", () => {
  const LONG =
    "SELECT count(*) FROM UNNEST(sequence(1, 100000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 1000000)) AS b (y) WHERE a.x * b.y = 7";

  it("can be stopped, and leaves the event loop free", async () => {
    const id = await lake.start(LONG);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await sleep(500);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
    expect((await lake.call("GetQueryExecution", { QueryExecutionId: id })).QueryExecution.Status.State).toBe(
      "RUNNING",
    );
    await lake.call("StopQueryExecution", { QueryExecutionId: id });
    expect((await lake.ended(id)).Status!.State).toBe("CANCELLED");
  });

  it("that the process did not finish starts again with the next", async () => {
    await twoDays();
    const id = await lake.start("SELECT count(*) FROM alb");
    await lake.executions.close();
    lake.reopenAthena();
    expect((await lake.ended(id)).Status!.State).toBe("SUCCEEDED");
  });
});

describe("the fence", () => {
  it.each(["read_csv", "read_text", "glob", "read_parquet"])("lets no query call %s", async (name) => {
    expect(await lake.reason(`SELECT * FROM ${name}('/etc/passwd')`)).toMatch(
      /FUNCTION_NOT_FOUND|TABLE_NOT_FOUND|SYNTAX_ERROR|NOT_SUPPORTED/,
    );
  });

  it("keeps a table from pointing out of the lake's folders", async () => {
    await lake.declare("t", { x: "int" });
    await lake.write("t", "2026-01-17", "SELECT 1 AS x");
    const outside = join(lake.folder, "outside.parquet");
    copyFileSync(lake.objects.localPath("lake", "t/date=2026-01-17/a-0.parquet"), outside);
    lake.objects.localPath = () => outside;
    expect(await lake.reason("SELECT * FROM t")).toMatch(/file system operations are disabled|outside/);
  });

  it.each(["SELECT * FROM '/etc/passwd'", 'SELECT * FROM "/etc/passwd"'])(
    "takes no path for a table: %s",
    async (sql) => {
      const started = lake.start(sql);
      const reason = await started.then(
        async (id) => (await lake.ended(id)).Status!.StateChangeReason,
        (error: Error) => error.message,
      );
      expect(reason).toMatch(/(TABLE|SCHEMA)_NOT_FOUND|mismatched input/);
    },
  );
});

describe("statements over the catalog", () => {
  it("show, describe, add and drop", async () => {
    await twoDays();
    expect((await lake.ask("SHOW PARTITIONS alb")).rows).toEqual([["date=2026-01-17"], ["date=2026-01-18"]]);
    await lake.write("alb", "2026-01-19", ROWS, { register: false });
    expect((await lake.ask("MSCK REPAIR TABLE alb")).rows.at(-1)).toEqual([
      "Repair: Added partition to metastore alb:date=2026-01-19",
    ]);
    await lake.ask("ALTER TABLE alb DROP PARTITION (date = '2026-01-17')");
    await lake.ask(
      "ALTER TABLE db.alb ADD IF NOT EXISTS PARTITION (date = '2026-01-17') PARTITION (date='2026-01-18') LOCATION 's3://lake/alb/date=2026-01-18/'",
    );
    expect((await lake.ask("SELECT count(*) FROM alb")).rows).toEqual([["9"]]);
    expect((await lake.ask("SHOW TABLES")).rows).toEqual([["alb"]]);
    expect((await lake.ask("DESCRIBE alb")).rows[0]![0]).toBe(
      "method              \tstring              \t                    ",
    );
    expect((await lake.ask("SHOW CREATE TABLE alb")).rows[0]).toEqual(["CREATE EXTERNAL TABLE `db.alb`("]);
  });

  it("create a table and read it", async () => {
    await lake.declare("other", {});
    await lake.ask(`CREATE EXTERNAL TABLE IF NOT EXISTS made (a int COMMENT 'first', b array<string>)
      PARTITIONED BY (date string) STORED AS PARQUET LOCATION 's3://lake/made/' TBLPROPERTIES ('k'='v')`);
    await lake.write("made", "2026-01-17", "SELECT 1 AS a, ['x', 'y'] AS b");
    expect((await lake.ask("SELECT * FROM made")).rows).toEqual([["1", "[x, y]", "2026-01-17"]]);
  });

  it("create a view, read it, and refuse a wrong one", async () => {
    await twoDays();
    await lake.ask("CREATE OR REPLACE VIEW busy AS SELECT date, count(*) AS requests FROM alb GROUP BY date");
    expect((await lake.ask("SELECT max(requests) FROM busy")).rows).toEqual([["5"]]);
    expect((await lake.ask("SHOW VIEWS")).rows).toEqual([["busy"]]);
    expect(await lake.reason("CREATE VIEW wrong AS SELECT nosuch FROM alb")).toMatch(/COLUMN_NOT_FOUND/);
    await lake.ask("DROP VIEW busy");
    expect(await lake.reason("SELECT * FROM busy")).toMatch(/TABLE_NOT_FOUND/);
  });

  it("list tables and columns in information_schema", async () => {
    await twoDays();
    const { rows } = await lake.ask(
      "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'alb' AND column_name IN ('time', 'date')",
    );
    expect(rows).toEqual([
      ["time", "timestamp(3)"],
      ["date", "varchar"],
    ]);
  });
});

describe("names", () => {
  it("of CTEs hide tables, and qualified names are found in any case", async () => {
    await twoDays();
    const { rows } = await lake.ask(
      "WITH alb AS (SELECT 1 AS one) SELECT one, (SELECT count(*) FROM AwsDataCatalog.DB.ALB) AS n FROM alb",
    );
    expect(rows).toEqual([["1", "8"]]);
  });

  it("of saved queries can be listed and read", async () => {
    const { NamedQueryId } = await lake.call("CreateNamedQuery", {
      Name: "top",
      Database: "db",
      QueryString: "SELECT 1",
    });
    const { NamedQueryIds } = await lake.call("ListNamedQueries", {});
    const { NamedQueries } = await lake.call("BatchGetNamedQuery", { NamedQueryIds });
    expect(NamedQueries).toEqual([
      { Name: "top", Database: "db", QueryString: "SELECT 1", WorkGroup: "primary", NamedQueryId },
    ]);
  });
});
