import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csv } from "../../../../lake/formats/csv/csv.ts";
import { cutText } from "../../../../lake/unpack/cut-text.ts";
import { readObject } from "../../../cases/read-object.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";

const formatOptions = {
  columns: [
    { name: "id", type: "int64", upstreamName: "Id" },
    { name: "note", type: "string", upstreamName: "User Note" },
    { name: "price", type: "double", upstreamName: "price" },
    { name: "at", type: "timestamp_millis", upstreamName: "at" },
  ],
  time: "at",
};
const row = "1,x,1.5,2026-01-17T10:00:00Z\n";
const good = { id: 1n, note: "x", price: 1.5, date: "2026-01-17" };

const read = (text: string, options: object = formatOptions) =>
  readObject(Buffer.from(text), { format: "csv", formatOptions: options as never });

describe("the header of a CSV object", () => {
  it.each([
    ["is the first line", "Id,User Note,price,at\n"],
    ["is in another case", "ID,user note,PRICE,At\n"],
    ["is in capitals and quotes", '"ID","USER NOTE","PRICE","AT"\n'],
    ["is in another case after remarks", "# a\n# b\nID,USER NOTE,PRICE,AT\n"],
    ["comes after a title", "Report,Orders\n\nId,User Note,price,at\n"],
    ["comes after a title without a delimiter", "Orders of January\nGenerated: 2026-01-18\nId,User Note,price,at\n"],
    ["comes after lines with numbers", "Total,12,13\n2026-01-18,4\nid,user note,price,at\n"],
    ["comes after a line that has one of its names", "price,EUR\nId,User Note,price,at\n"],
    ["comes after lines with other delimiters", "a;b;c\na|b|c\tq\nId,User Note,price,at\n"],
    ["comes after fifteen lines", `${"line, of remarks\n".repeat(15)}Id,User Note,price,at\n`],
    ["ends in CR LF", "Report\r\n\r\nId,User Note,price,at\r\n"],
    ["has a byte order mark", "\ufeffID,User Note,price,at\n"],
  ])("%s", async (_, header) => {
    const { rows, rejected } = await read(header + row);
    expect(rejected).toEqual([]);
    expect(rows).toMatchObject([good]);
    expect(rows[0]!._extra).toBe(null);
  });

  it("may come after others with another delimiter than theirs", async () => {
    const { rows } = await read("Report,Orders,2026\nId;User Note;price;at\n1;x;1.5;2026-01-17T10:00:00Z\n");
    expect(rows).toMatchObject([good]);
  });

  it("may lack a column that is not the time, and have others", async () => {
    const { rows } = await read("Report\nid,Price,AT,new\n1,1.5,2026-01-17T10:00:00Z,y\n");
    expect(rows).toMatchObject([{ ...good, note: null, _extra: '{"new":"y"}' }]);
  });

  it("is refused with the names that are missing, and never read line by line", async () => {
    await expect(read(`ident,remark,cost,when\n${row}`)).rejects.toThrow(
      /none of the configured columns is in its header: Id, User Note, price, at are missing/,
    );
    await expect(read(`Id,User Note,price,when\n${row}`)).rejects.toThrow(
      /not all configured columns are in its header: at is missing/,
    );
    await expect(read(`Id,User Note,price,when\n${row}`)).rejects.toHaveProperty("name", "MissingHeader");
  });

  it("is what the columns are without, if the values fit", async () => {
    const columns = [
      { name: "at", type: "timestamp_millis", upstreamName: "at" },
      ...["a", "b", "c", "d"].map((name) => ({ name, type: "int32", upstreamName: name })),
    ];
    const { rows, rejected } = await read(
      "2026-01-17T10:00:00Z,1,2,3,4\n2026-01-17T10:00:00Z,x,1,2,3\n2026-01-17T10:00:00Z,x,y,z,4\n",
      { columns, time: "at" },
    );
    expect(rows).toMatchObject([{ a: 1 }, { a: null, _extra: '{"a":"x"}' }]);
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([[3, "SHIFTED"]]);
  });

  it("is not looked for in data", async () => {
    const { rows } = await read(`${row}2,price,2.5,2026-01-17T10:00:00Z\n3,Id,3.5,2026-01-17T10:00:00Z\n`);
    expect(rows.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
  });

  it("is taken by its own spelling where names differ only in their case", async () => {
    const columns = [
      { name: "a", type: "string", upstreamName: "Key" },
      { name: "b", type: "string", upstreamName: "KEY" },
      { name: "c", type: "string", upstreamName: "value" },
    ];
    const { rows } = await read("key,KEY,VALUE\n1,2,3\n", { columns, deliveryDate: "2026-01-17" });
    expect(rows).toMatchObject([{ a: null, b: "2", c: "3", _extra: '{"key":"1"}' }]);
    const twice = await read("value,Value,VALUE\n1,2,3\n", { columns, deliveryDate: "2026-01-17" });
    expect(twice.rows).toMatchObject([{ c: "1" }]);
  });

  it("gives the same rows wherever the text is cut", async () => {
    const before = fc.array(fc.constantFrom("Report,Orders", "", "# remark", "a;b", "price,EUR"), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(before, fc.nat(4), fc.integer({ min: 1, max: 60 }), async (lines, count, maxPieceBytes) => {
        const text = Buffer.from(
          `${[...lines, "ID,User Note,price,at"].join("\n")}\n${row.repeat(count)}Total,,2,\n${row}`,
        );
        const whole = await parseText(csv, text, { formatOptions });
        const pieces: Parameters<typeof parseText>[1] = [];
        const framer = csv.openFramer!(formatOptions);
        for await (const { firstLine, firstByte, header, bytes } of cutText([text], { framer, maxPieceBytes })) {
          const blocks: Uint8Array[] = [];
          for await (const block of bytes) blocks.push(block.slice());
          (pieces as unknown[]).push({
            sourceFile: "s3://raw/object.log",
            firstLine,
            firstByte,
            header,
            bytes: blocks,
          });
        }
        const cut = await parseText(csv, pieces, { formatOptions });
        expect(await readRows(cut.files)).toEqual(await readRows(whole.files));
        expect(cut.rejected).toEqual(whole.rejected);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a CSV object of many columns", () => {
  it("has a value in each of them, up to 65,536", async () => {
    const names = Array.from({ length: 65_536 }, (_, i) => `c${i}`);
    const columns = ["c0", "c4095", "c4096", "c65535"].map((name) => ({ name, type: "int32", upstreamName: name }));
    const text = `${names.join(",")}\n${names.map((_, i) => i).join(",")}\n${names.map((_, i) => i).join(",")},x\n`;
    const { rows, rejected } = await read(text, { columns, deliveryDate: "2026-01-17" });
    expect(rows).toMatchObject([{ c0: 0, c4095: 4095, c4096: 4096, c65535: 65_535 }]);
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([[3, "TOO_MANY_FIELDS"]]);
  });
});
