import { describe, expect, it } from "vitest";
import { planOf } from "../../../reports/plan.ts";
import { namedQuery, queryNames } from "../../../reports/query/named-query.ts";
import { fillSql } from "../../../reports/query/sql-template.ts";
import { config } from "../samples.ts";

describe("fillSql", () => {
  it("writes each kind of value as a literal of its own", () => {
    expect(
      fillSql("{{t: identifier}} {{d: date}} {{s: timestamp}} {{n: integer}} {{x: text}}", {
        t: "alb",
        d: "2026-01-17",
        s: "2026-01-16 23:00:00",
        n: 20,
        x: "it's {{here}}",
      }),
    ).toBe(`"alb" '2026-01-17' TIMESTAMP '2026-01-16 23:00:00' 20 'it''s {{here}}'`);
  });

  it("writes an object as the middle of a CASE, quotes doubled", () => {
    expect(fillSql("CASE x WHEN 'n' THEN 'n' {{m: when_then}} END", { m: { a: "A", "b'": "B's" } })).toBe(
      "CASE x WHEN 'n' THEN 'n' WHEN 'a' THEN 'A' WHEN 'b''' THEN 'B''s' END",
    );
  });

  it.each([
    ["identifier", 'alb" UNION SELECT 1 --'],
    ["identifier", "alb;"],
    ["date", "2026-01-17' OR '1'='1"],
    ["timestamp", "2026-01-17T00:00:00Z"],
    ["integer", "1 OR 1"],
    ["text", "a\u0000b"],
    ["when_then", "text"],
    ["date", { a: "b" }],
  ])("refuses %s %j", (kind, value) => {
    expect(() => fillSql(`SELECT {{v: ${kind}}}`, { v: value as string })).toThrow(/expected/);
  });

  it("refuses missing and superfluous values, and placeholders it does not understand", () => {
    expect(() => fillSql("{{a: date}}", {})).toThrow(/No value is given/);
    expect(() => fillSql("SELECT 1", { a: 1 })).toThrow(/no placeholder for the value "a"/);
    expect(() => fillSql("{{a: raw}}", { a: 1 })).toThrow(/asks for "raw"/);
    expect(() => fillSql("{{a}}", {})).toThrow(/not of the form/);
  });
});

describe("the queries of the reports", () => {
  it.each(Object.keys(config.reports))("are all there and take the values that %s plans", (report) => {
    const { queries } = planOf(config, { report, date: "2026-01-17", startedAt: "2026-01-18T05:00:00Z" });
    for (const { name, parameters } of queries) expect(fillSql(namedQuery(name), parameters)).not.toContain("{{");
  });

  it("are asked for by name only", () => {
    expect(queryNames()).toContain("daily-rows");
    expect(() => namedQuery("../package")).toThrow(/no query named/);
  });
});
