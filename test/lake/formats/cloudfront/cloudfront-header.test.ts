import { describe, expect, it } from "vitest";
import { readObject } from "../../../cases/read-object.ts";
import { cloudFrontRecord } from "../records.ts";

const names =
  "date time c-ip sc-status cs-uri-stem sc-bytes cs(User-Agent) cs-method x-edge-location cs(Host) cs(Referer) time-taken";
const record = "2026-01-17\t10:00:00\t192.0.2.1\t200\t/i.html\t5\tMoz\tGET\tFRA2\th\t-\t0.1\n";
const read = (text: string, format: "cloudfront" | "cloudfront-realtime" = "cloudfront") =>
  readObject(Buffer.from(text), { format });

describe("CloudFront's header", () => {
  it.each([
    ["as CloudFront writes it", `#Fields: ${names}`],
    ["with a blank after #", `# Fields: ${names}`],
    ["in small letters", `#fields: ${names}`],
    ["in capitals, names as well", `#FIELDS: ${names.toUpperCase()}`],
    ["without a colon", `#Fields ${names}`],
    ["without #", `Fields: ${names}`],
    ["with = for the colon", `#Fields=${names}`],
    ["after blanks", `   #Fields: ${names}`],
    ["after a tab", `\t#Fields: ${names}`],
    ["in quotes", `"#Fields: ${names}"`],
    ["after a byte order mark and a blank", `\ufeff # Fields: ${names}`],
    [
      "with each name in quotes",
      `#Fields: ${names
        .split(" ")
        .map((name) => `"${name}"`)
        .join("\t")}`,
    ],
    ["with commas", `#Fields: ${names.replaceAll(" ", ",")}`],
    ["as bare names", names.replaceAll(" ", "\t")],
    ["as bare names in capitals and quotes", `"${names.toUpperCase().replaceAll(" ", '"\t"')}"`],
    ["longer than 64 KiB", `#Fields: ${names} ${Array.from({ length: 12_000 }, (_, i) => `x-${i}`).join(" ")}`],
  ])("is read %s", async (_, header) => {
    const { rows, rejected } = await read(`#Version: 1.0\n${header}\n${record}`);
    expect(rejected).toEqual([]);
    expect(rows).toMatchObject([
      {
        c_ip: "192.0.2.1",
        sc_status: 200,
        cs_uri_stem: "/i.html",
        sc_bytes: 5n,
        x_edge_location: "FRA2",
        _extra: null,
      },
    ]);
  });

  it.each([
    ["with names that nobody knows", "# Fields: when who what"],
    ["with no names", "#Fields:"],
    ["with no names, in another case", "#fields"],
    ["with few names that are known, and texts that are none", "#fields date time = ?!"],
  ])("forbids to read by position %s", async (_, header) => {
    for (const records of [record, `${cloudFrontRecord.join("\t")}\n`])
      await expect(read(`#Version: 1.0\n${header}\n${records.repeat(3)}`)).rejects.toThrow(/its header cannot be read/);
  });

  it("rejects the records after one that is longer than 1 MiB", async () => {
    const { rows, rejected } = await read(`#Fields: ${names} ${"x ".repeat(600_000)}\n${record}`);
    expect([rows, rejected.map(({ reason }) => reason)]).toEqual([[], ["MISSING_HEADER"]]);
  });

  it("has to name a time", async () => {
    for (const header of ["time c-ip sc-status", "date c-ip sc-status", "c-ip sc-status x-edge-location"])
      await expect(read(`#Fields: ${header}\n10:00:00\t192.0.2.1\t200\n`)).rejects.toThrow(/its header names no time/);
  });

  it("of former records holds until another comes, which may be unreadable", async () => {
    const { rows, rejected } = await read(
      `#Fields: ${names}\n${record}#Fields:\n${record}# fields who knows\n${record}#Fields: ${names}\n${record}`,
    );
    expect(rows.map(({ _line }) => Number(_line))).toEqual([2, 4, 8]);
    expect(rejected).toMatchObject([{ line: 6, reason: "MISSING_HEADER" }]);
  });
});

describe("records of CloudFront without a header", () => {
  it("are read by position when they have all fields of a generation, and otherwise refused", async () => {
    for (let count = 1; count <= 36; count++) {
      const fields = [...cloudFrontRecord, "new", "new", "new"].slice(0, count);
      const reading = read(`${fields.join("\t")}\n`);
      if ([12, 15, 18, 19, 23, 24, 26].includes(count) || count >= 33) expect((await reading).rows.length).toBe(1);
      else await expect(reading).rejects.toThrow(/Missing|header|Cannot name/);
    }
  });

  it("cost only themselves where others before them are whole", async () => {
    const whole = `${cloudFrontRecord.join("\t")}\n`;
    const { rows, rejected } = await read(`${record}${whole}${whole}${record.slice(0, 60)}`);
    expect(rows.length).toBe(2);
    expect(rejected.map(({ reason }) => reason)).toEqual(["SHIFTED", "MISSING_HEADER"]);
  });
});
