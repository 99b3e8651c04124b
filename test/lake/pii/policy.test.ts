import { describe, expect, it } from "vitest";
import { formatNamed } from "../../../lake/formats/index.ts";
import { hashes, mayQuote, piiPolicy, policyIssues } from "../../../lake/pii/policy.ts";
import type { ColumnDefinition } from "../../../lake/rows/schema.ts";
import { defineLake } from "../../../lake/sources/config.ts";

const columns: readonly ColumnDefinition[] = [
  { name: "c_ip", type: "string", upstreamName: "c-ip" },
  { name: "cs_referer", type: "string", upstreamName: "cs(Referer)" },
  { name: "sc_status", type: "int32", upstreamName: "sc-status" },
];

const messagesOf = (policy: unknown) =>
  piiPolicy.safeParse(policy).error?.issues.map(({ path, message }) => `${path.join(".")}: expected ${message}`);

describe("a PII policy", () => {
  it("withholds what it does not name, but the columns", () => {
    expect(piiPolicy.parse({ columns: { c_ip: "truncate" } })).toEqual({
      columns: { c_ip: ["truncate"] },
      extra: "withhold",
      rejected: "withhold",
    });
  });

  it("says nothing of a column that is called as something every object has", () => {
    const policy = piiPolicy.parse({ columns: { c_ip: "truncate" } });
    expect(policy.columns.constructor).toBeUndefined();
  });

  it.each([
    [{ columns: { c_ip: "mask" } }, /^columns\.c_ip: expected one of keep, drop, truncate, hash,.* or a list of them$/],
    [{ columns: { c_ip: ["drop", "hash"] } }, /"keep" or "drop" alone/],
    [{ columns: { c_ip: ["hash", "scrub-text"] } }, /"hash" last/],
    [{ columns: { c_ip: ["scrub-text", "truncate"] } }, /"truncate" first/],
    [{ columns: { c_ip: ["scrub-text", "scrub-text"] } }, /each step once/],
    [{ columns: {}, rejected: "maybe" }, /^rejected: expected one of withhold, scrub-text, keep$/],
    [{ columns: {}, extra: "maybe" }, /^extra: expected one of withhold, names, /],
    [{ columns: {}, others: "drop" }, /others/],
  ])("%j does not hold", (policy, message) => {
    expect(messagesOf(policy)).toEqual([expect.stringMatching(message)]);
  });

  it("names the columns that are not there, and those whose type asks for another step", () => {
    const policy = piiPolicy.parse({
      columns: { c_ipp: "drop", "c-ip": "truncate", _extra: "drop", sc_status: "hash", cs_referer: "scrub-text" },
    });
    const issues = policyIssues(policy, columns).map(({ path, input, message }) => ({ path: path[1], input, message }));
    expect(issues).toEqual([
      { path: "c_ipp", input: "drop", message: expect.stringContaining("c_ip, cs_referer, sc_status") },
      { path: "c-ip", input: "truncate", message: 'the column\'s name in the table, "c_ip"' },
      { path: "_extra", input: "drop", message: expect.stringContaining("pii.extra") },
      { path: "sc_status", input: "hash", message: expect.stringMatching(/"keep" or "drop".*int32/) },
    ]);
  });

  it("asks for an entry for what is derived from a column that is not kept", () => {
    const derived = [
      { name: "referer_host", type: "string", upstreamName: "derived", inputs: ["cs_referer"] },
      { name: "hour", type: "int32", upstreamName: "derived", inputs: ["c_ip"] },
    ] as const;
    const policy = piiPolicy.parse({ columns: { cs_referer: "scrub-text", c_ip: "keep" } });
    expect(policyIssues(policy, columns, derived)).toEqual([
      { path: ["columns", "referer_host"], input: undefined, message: expect.stringContaining("cs_referer") },
    ]);
    const whole = piiPolicy.parse({ columns: { cs_referer: "scrub-text", referer_host: "keep" } });
    expect(policyIssues(whole, columns, derived)).toEqual([]);
  });

  it("asks for an entry for each text that is taken from the same field as one that is not kept", () => {
    const alb = formatNamed("alb").columns();
    const issuesOf = (entries: object) => policyIssues(piiPolicy.parse({ columns: entries }), alb);
    const issues = issuesOf({ request_url: "scrub-parameters", request_verb: "keep" });
    expect(issues.map(({ path }) => path.join("."))).toEqual([
      "columns.request_proto",
      "columns.request_domain",
      "columns.request_path",
    ]);
    expect(issues[2]!.message).toMatch(/^a policy, if only "keep": .* same field \(request\) as request_url/);
    const rest = { request_verb: "keep", request_proto: "keep", request_domain: "keep" } as const;
    expect(issuesOf({ ...rest, request_url: "scrub-parameters", request_path: "keep" })).toEqual([]);
    // From either side; and what is kept asks for nothing.
    expect(issuesOf({ ...rest, request_path: "drop" }).map(({ path }) => path[1])).toEqual(["request_url"]);
    expect(issuesOf({ request_url: "keep", client_ip: "truncate" })).toEqual([]);
    const checks = formatNamed("alb-health-check").columns();
    const named = policyIssues(piiPolicy.parse({ columns: { target_addr: "drop" } }), checks);
    expect(named.map(({ path }) => path[1])).toEqual(["target_ip"]);
  });

  it("takes a secret only where it hashes", () => {
    expect(hashes(undefined)).toBe(false);
    expect(hashes(piiPolicy.parse({ columns: { c_ip: "truncate" } }))).toBe(false);
    expect(hashes(piiPolicy.parse({ columns: { c_ip: ["truncate", "hash"] } }))).toBe(true);
  });

  it("lets messages quote only where rejected lines are kept", () => {
    expect(mayQuote(undefined)).toBe(true);
    expect(mayQuote(piiPolicy.parse({ columns: {}, rejected: "keep" }))).toBe(true);
    expect(mayQuote(piiPolicy.parse({ columns: {}, rejected: "scrub-text" }))).toBe(false);
    expect(mayQuote(piiPolicy.parse({ columns: {} }))).toBe(false);
  });
});

describe("a source's policy", () => {
  const lakeWith = (pii: unknown, source: object = { format: "cloudfront" }) =>
    defineLake({
      sources: { app: { prefix: "app/", ...source, pii } as never },
      alertRecipients: ["on-call@example.com"],
    });

  it("holds for columns of the table", () => {
    const pii = { columns: { c_ip: "truncate", cs_cookie: "drop", cs_referer: ["scrub-parameters", "scrub-text"] } };
    expect(lakeWith(pii).sources.app!.pii!.columns.cs_referer).toEqual(["scrub-parameters", "scrub-text"]);
    expect(lakeWith(undefined).sources.app!.pii).toBeUndefined();
  });

  it.each([
    [{ columns: { c_ipp: "drop" } }, 'sources.app.pii.columns.c_ipp: is "drop", expected the policy of a column'],
    [{ columns: { c_ip: "mask" } }, 'sources.app.pii.columns.c_ip: is "mask", expected one of keep, drop'],
    [
      { columns: { sc_status: ["scrub-text", "hash"] } },
      'sc_status: is ["scrub-text","hash"], expected "keep" or "drop"',
    ],
    [{ columns: {}, extra: "hide" }, 'sources.app.pii.extra: is "hide", expected one of withhold, names'],
    [{}, "sources.app.pii.columns: is undefined, expected"],
  ])("does not hold: %j", (pii, message) => {
    expect(() => lakeWith(pii)).toThrow(message);
  });

  it("asks for an entry for what is taken from the same field", () => {
    const missing =
      'sources.app.pii.columns.request_path: is undefined, expected a policy, if only "keep": the column is taken from the same field (request) as request_url';
    expect(() => lakeWith({ columns: { request_url: "drop" } }, { format: "alb" })).toThrow(missing);
  });

  it("asks for an entry for a column that is derived from one that is not kept, or not in the table", () => {
    const derive = { page: { from: "cs_referer", part: "path" } };
    const source = { format: "cloudfront", derive };
    const missing = 'sources.app.pii.columns.page: is undefined, expected a policy, if only "keep"';
    expect(() => lakeWith({ columns: { cs_referer: "drop" } }, source)).toThrow(missing);
    expect(lakeWith({ columns: { cs_referer: "drop", page: "keep" } }, source)).toBeDefined();
    expect(lakeWith({ columns: { c_ip: "drop" } }, source)).toBeDefined();
    const whole = { format: "alb", derive: { page: { from: "request", part: "path" } } };
    expect(() => lakeWith({ columns: { request_url: "drop" } }, whole)).toThrow(/pii\.columns\.page: .*request/);
  });
});
