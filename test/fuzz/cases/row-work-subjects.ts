/**
 * Sources whose rows are worked on before they are written. Both engines have to give the same bytes, and of the canaries
 * that their records are full of, none may be in them.
 */

import { deriveConfig } from "../../../lake/derive/rule.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import { json } from "../../../lake/formats/json/json.ts";
import { alb } from "../../../lake/formats/load-balancers/alb.ts";
import type { Random } from "../../../lake/generate/random.ts";
import { type PiiPolicy, type PiiStep, piiPolicy } from "../../../lake/pii/policy.ts";
import type { Grammar } from "../grammars/grammar.ts";
import { bytesOf } from "../grammars/hostile-text.ts";
import { albGrammar, cloudfrontGrammar } from "../grammars/line-grammars.ts";
import { fieldAround } from "../grammars/mutate.ts";
import { jsonGrammar, jsonOptions } from "../grammars/record-grammars.ts";
import type { TextSink } from "../grammars/text-sink.ts";
import type { ScannerSubject } from "../scanner-subject.ts";

const WORD = "kanari7f3a";
const ADDRESS = "203.0.113.177";
const EMAIL = `${WORD}@example.com`;
/** With its value, which is what must not get out: the word alone may be part of a path. */
const PARAMETER = `?q=${WORD}`;

const words = [
  ...[WORD, ADDRESS, EMAIL, `${WORD}@example.com;other@example.org`, `${ADDRESS}:443`, `a, ${ADDRESS}`],
  ...[`https://${WORD}.example.com/${WORD}?${WORD}=${WORD}#${WORD}`, `q=1&${WORD}`, `%6banari7f3a`, `\\x6banari7f3a`],
].map(bytesOf);
const scrubbed = [EMAIL, `${WORD}%40example.com`, `${WORD}\\x40example.com`, `/a${PARAMETER}&b=2`, PARAMETER].map(
  bytesOf,
);

/** Puts canaries into most records: at any place, in the place of a field, or as JSON members. */
function planted(base: Grammar, canaries: readonly Uint8Array[], keys?: readonly string[]): Grammar {
  const members = keys?.map((key) => bytesOf(`,"${key}":"`));
  const memberEnd = bytesOf('"}');
  return {
    get delimiter() {
      return base.delimiter;
    },
    begin: (random, out) => base.begin(random, out),
    record(random, out) {
      const start = out.length;
      base.record(random, out);
      for (let more = random.below(4); more > 0; more--) plant(random, out, start);
    },
  };

  function plant(random: Random, out: TextSink, start: number): void {
    const canary = canaries[random.below(canaries.length)]!;
    const last = out.length - 1;
    const at = start + random.below(out.length - start);
    if (members && random.chance(0.8) && out.bytes[last] === 0x7d) {
      out.length = last;
      out.put(members[random.below(members.length)]!);
      out.put(canary);
      out.put(memberEnd);
    } else if (random.chance(0.5)) out.replace(at, at, canary);
    else out.replace(...fieldAround(out, start, at, base.delimiter), canary);
  }
}

/** A policy for every text column, so that it does not matter in which one a canary comes to lie. */
function policyOfAll(columns: readonly { name: string; type: string }[], steps: readonly (PiiStep | PiiStep[])[]) {
  const texts = columns.filter(({ type }) => type === "string");
  return Object.fromEntries(texts.map(({ name }, i) => [name, steps[i % steps.length]!]));
}

const withholding: readonly (PiiStep | PiiStep[])[] = [
  "hash",
  "truncate",
  "drop",
  ["truncate", "hash"],
  ["scrub-text", "hash"],
];
const scrubbing: readonly PiiStep[][] = [
  ["scrub-parameters", "scrub-text"],
  ["scrub-text", "scrub-parameters"],
];

const cloudfrontDerive = {
  browser: { from: "cs_user_agent", userAgent: "family" },
  device: { from: "cs_user_agent", userAgent: "device" },
  is_bot: { from: "cs_user_agent", userAgent: "bot" },
  referer_host: { from: "cs_referer", part: "host" },
  q: { from: "cs_uri_query", parameter: "q", in: "query" },
  extension: { from: "cs_uri_stem", part: "extension" },
  section: { from: "cs_uri_stem", segment: 1 },
  weekday: { from: "time", calendar: "weekday" },
  local_hour: { from: "time", calendar: "hour", timeZone: "Europe/Berlin" },
  cost: { amount: { price: "time_taken", quantity: "sc_bytes" }, decimals: 3 },
} as const;
const cloudfrontDerivedTexts = ["browser", "device", "referer_host", "q", "extension", "section"];

const shopOptions = {
  ...jsonOptions,
  columns: [
    ...jsonOptions.columns,
    { name: "agent", type: "string", upstreamName: "agent" },
    { name: "items", type: "string", upstreamName: "items" },
  ],
} as const;
const shopDerive = {
  ...Object.fromEntries(
    ["scheme", "host", "path", "query", "fragment"].map((part) => [`url_${part}`, { from: "url", part }]),
  ),
  section: { from: "url", segment: 2 },
  b: { from: "url", parameter: "b" },
  browser: { from: "agent", userAgent: "family" },
  is_bot: { from: "agent", userAgent: "bot" },
  week: { from: "time", calendar: "isoWeek", timeZone: "America/St_Johns" },
  local_date: { from: "time", calendar: "date", timeZone: "Pacific/Kiritimati" },
  day_of_day: { from: "day", calendar: "day" },
  revenue: { amount: { price: "amount", quantity: "count" }, decimals: 2, unit: "EUR" },
  basket: { amount: { items: "items", price: "p", quantity: "n" }, decimals: 2 },
};
const shopValues = [
  ...[`[{"p":19.99,"n":2},{"p":"0.01","n":1}]`, "[]", `[{"p":1}]`, "[{}]", "{}", `[{"p":1e400,"n":3}]`, `"none"`],
  ...[`"Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0"`, `"Googlebot/2.1"`, `"curl/8.5.0"`, `""`, "null"],
  ...[`"https://Shop.example/a/b?b=%C3%A9&b=2#f"`, `"//[::1]:80/x;y=1?"`, `"?b=1"`, `"/a/b/c.tar.gz"`],
];
const shopMembers = ["items", "agent", "url"].flatMap((key) =>
  shopValues.map((value) => bytesOf(`,"${key}":${value}}`)),
);

/** Ordinary records with members that amounts, agents and addresses are derived from. */
function shopGrammar(): Grammar {
  const base = jsonGrammar();
  return {
    delimiter: base.delimiter,
    begin: base.begin,
    record(random, out) {
      base.record(random, out);
      for (let more = random.below(4); more > 0 && out.bytes[out.length - 1] === 0x7d; more--) {
        out.length--;
        out.put(shopMembers[random.below(shopMembers.length)]!);
      }
    },
  };
}

const strict = { extra: "withhold", rejected: "withhold" } as const;
const policy = (input: unknown): PiiPolicy => piiPolicy.parse(input);
const textColumns = (names: readonly string[]) => names.map((name) => ({ name, type: "string" }));
const everywhere = { inRows: [WORD, ADDRESS], inRejected: [WORD, ADDRESS] };

export const rowWorkSubjects: readonly ScannerSubject[] = [
  {
    name: "derived",
    format: json,
    formatOptions: shopOptions,
    openGrammar: shopGrammar,
    rowWork: { derive: deriveConfig.parse(shopDerive) },
    isWhole: true,
  },
  {
    name: "pii",
    format: cloudfront,
    openGrammar: () => planted(cloudfrontGrammar(), words),
    hasRemarks: true,
    rowWork: {
      derive: deriveConfig.parse(cloudfrontDerive),
      pii: policy({
        ...strict,
        columns: policyOfAll([...cloudfront.columns(), ...textColumns(cloudfrontDerivedTexts)], withholding),
      }),
      canaries: everywhere,
    },
    isWhole: true,
  },
  {
    name: "pii-json",
    format: json,
    formatOptions: shopOptions,
    openGrammar: () =>
      planted(shopGrammar(), words, ["user", "url", "agent", "items", "new_key", "id", "day", WORD, 'k\\"\\\\é']),
    rowWork: {
      derive: deriveConfig.parse(shopDerive),
      pii: policy({
        ...strict,
        columns: policyOfAll(
          [
            ...json.columns(shopOptions),
            ...textColumns([
              "url_scheme",
              "url_host",
              "url_path",
              "url_query",
              "url_fragment",
              "section",
              "b",
              "browser",
            ]),
          ],
          withholding,
        ),
      }),
      canaries: everywhere,
    },
    isWhole: true,
  },
  {
    name: "pii-scrub",
    format: alb,
    openGrammar: () => planted(albGrammar(), scrubbed),
    rowWork: {
      pii: policy({ columns: policyOfAll(alb.columns(), scrubbing), extra: "names", rejected: "scrub-text" }),
      // Of a rejected line nobody knows where the query begins.
      canaries: { inRows: [EMAIL, PARAMETER], inRejected: [EMAIL] },
    },
    isWhole: true,
  },
];
