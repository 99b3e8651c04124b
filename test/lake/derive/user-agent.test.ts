import { describe, expect, it } from "vitest";
import { userAgentFacts } from "../../../lake/derive/rule.ts";
import { userAgentFact } from "../../../lake/derive/user-agent.ts";

const factsOf = (header: string) => userAgentFacts.map((fact) => userAgentFact(header, fact));
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0";

describe("userAgentFact", () => {
  it.each([
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, ["Chrome", "desktop", "false"]],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/141.0.0.0`,
      ["Microsoft Edge", "desktop", "false"],
    ],
    [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, ["Chrome", "mobile", "false"]],
    [
      "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      ["Safari", "tablet", "false"],
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", ["Firefox", "desktop", "false"]],
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ["Googlebot", "bot", "true"]],
    ["curl/8.5.0", ["curl", undefined, "true"]],
    ["python-requests/2.31.0", ["python-requests", undefined, "true"]],
    ["ELB-HealthChecker/2.0", ["ELB-HealthChecker", undefined, "true"]],
    ["Mozilla/5.0", [undefined, undefined, "true"]],
    ["", [undefined, undefined, undefined]],
    ["  ", [undefined, undefined, undefined]],
  ])("knows %s", (header, facts) => {
    expect(factsOf(header)).toEqual(facts);
  });

  it("reads a header that a stranger made endless in no time", () => {
    const startedAt = performance.now();
    for (const unit of ["Mozilla/5.0 (", "a", "Version/1 ", "; ", "((((", "Android Mobile Safari "])
      factsOf(unit.repeat(1_000_000 / unit.length));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
