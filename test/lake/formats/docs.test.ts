import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { formatNames } from "../../../lake/formats/index.ts";

const docs = readFileSync(new URL("../../../docs/sources.md", import.meta.url), "utf8");
const source = readFileSync(new URL("../../../lake/rows/rejection.ts", import.meta.url), "utf8");

it("docs/sources.md lists every format and every reason", () => {
  for (const name of formatNames) expect(docs).toContain(`| \`${name}\` |`);
  const [reasonType] = /type RejectReason =[^;]*;/.exec(source)!;
  const reasons = reasonType.match(/"[A-Z_0-9]+"/g)!;
  expect(reasons.length).toBeGreaterThan(10);
  for (const reason of reasons) expect(docs).toContain(`\`${reason.slice(1, -1)}\``);
});
