import { PiiKeyUnusable } from "../errors.ts";
import { FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import type { ColumnDefinition } from "../rows/schema.ts";
import { truncateAddress, truncateAddressBytes } from "./address.ts";
import { ColumnRewriter, type Rewrite, type RewriterOptions } from "./column-rewriter.ts";
import { keptExtra } from "./kept-extra.ts";
import type { KeyedHash } from "./keyed-hash.ts";
import type { PiiPolicy, PiiStep } from "./policy.ts";
import { MASK, scrubParameters, scrubQuery, scrubText } from "./scrub.ts";
import { scrubQueryBytes } from "./scrub-query-bytes.ts";

/**
 * Makes the transform that applies a policy to rows.
 *
 * @param columns - Columns of the block, in its order: the format's, then derived ones.
 * @param key - For policies that hash.
 * @throws {PiiKeyUnusable} When a column is to be hashed without a key.
 */
export function piiTransform(
  policy: PiiPolicy,
  columns: readonly ColumnDefinition[],
  key: KeyedHash | undefined,
): RowTransform {
  const dropped: number[] = [];
  const rewritten: { column: number; rewriter: ColumnRewriter }[] = [];
  for (const [column, { name, decoding }] of columns.entries()) {
    const steps = policy.columns[name];
    if (!steps || steps[0] === "keep") continue;
    if (steps[0] === "drop") dropped.push(column);
    else {
      const rewrite = inOrder(steps.map((step) => rewriteOf(step, name, key)));
      const rewriteBytes = steps.length === 1 ? bytesRewriteOf(steps[0]!, name) : undefined;
      const dependsOnDate = steps.includes("hash");
      rewritten.push({ column, rewriter: new ColumnRewriter({ rewrite, decoding, dependsOnDate, rewriteBytes }) });
    }
  }
  if (policy.extra === "drop") dropped.push(columns.length);
  else if (policy.extra !== "keep") {
    const rewrite = (json: string) => keptExtra(json, policy.extra);
    rewritten.push({
      column: columns.length,
      rewriter: new ColumnRewriter({ rewrite, decoding: undefined, dependsOnDate: false }),
    });
  }

  return {
    apply(block) {
      for (const column of dropped) drop(block, column);
      for (const { column, rewriter } of rewritten) rewriter.apply(block, column);
    },
    keptMisfit(column, text) {
      if (policy.columns[columns[column]!.name]?.[0] === "drop") return null;
      switch (policy.extra) {
        case "keep":
          return text;
        case "scrub-text":
          return scrubText(text);
        case "names":
        case "withhold":
          return MASK;
        case "drop":
          return null;
      }
    },
  };
}

function drop(block: RowBlock, column: number): void {
  const { fields, rowCount } = block;
  for (let row = 0, at = 2 * column * FIELD_STRIDE + 1; row < rowCount; row++, at += 2) fields[at] = NULL_LENGTH;
}

function inOrder(rewrites: readonly Rewrite[]): Rewrite {
  return (value, date) => rewrites.reduce<string | null>((kept, rewrite) => kept && rewrite(kept, date), value);
}

/** Columns such as `cs_uri_query`: their text is a query string, whatever it looks like. */
const QUERY_COLUMN = /(^|_)query(_string)?$/;

function bytesRewriteOf(step: PiiStep, column: string): RewriterOptions["rewriteBytes"] {
  if (step === "truncate") return truncateAddressBytes;
  return step === "scrub-parameters" && QUERY_COLUMN.test(column) ? scrubQueryBytes : undefined;
}

function rewriteOf(step: PiiStep, column: string, key: KeyedHash | undefined): Rewrite {
  switch (step) {
    case "truncate":
      return truncateAddress;
    case "hash": {
      if (!key) throw new PiiKeyUnusable(`${column} is to be hashed, and no secret was given`);
      return (value, date) => key.hash(value, date);
    }
    case "scrub-parameters":
      return QUERY_COLUMN.test(column) ? scrubQuery : scrubParameters;
    case "scrub-text":
      return scrubText;
    case "keep":
    case "drop":
      throw new Error(`"${step}" stands alone, so no value is rewritten by it`);
  }
}
