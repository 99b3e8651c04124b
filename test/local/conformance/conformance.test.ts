import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conform } from "../../../local/conformance/conform.ts";
import { has, shared } from "../../tiers/inputs.ts";

const cases = shared("asl-conformance/cases");
const exceptions = JSON.parse(readFileSync(new URL("./conformance-exceptions.json", import.meta.url), "utf8")) as {
  id: string;
  reason: string;
}[];

describe.skipIf(!has("recordings of AWS"))("the engine, against what AWS did (needs ../shared/asl-conformance)", () => {
  it("agrees on every history but the exceptions, each of which has its reason", async () => {
    const reports = await conform(cases, { level: "history" });
    const failed = reports.filter(({ passed }) => !passed);
    const excepted = new Set(exceptions.map(({ id }) => id));
    expect(failed.filter(({ id }) => !excepted.has(id))).toEqual([]);
    // An exception that passes by now is to be taken off the list.
    expect(exceptions.map(({ id }) => id).filter((id) => !failed.some((report) => report.id === id))).toEqual([]);
    expect(reports.length).toBeGreaterThan(800);
  });

  it("agrees on every result", async () => {
    const reports = await conform(cases, { level: "result" });
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
  });
});
