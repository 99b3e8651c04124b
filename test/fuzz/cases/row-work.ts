/** What a source does with its rows before they are written, for fuzzing: derived columns, a policy for personal data. */
import type { ParseOptions } from "../../../lake/columns/parse.ts";
import { deriveTransforms } from "../../../lake/derive/derive-rows.ts";
import { derivedColumns } from "../../../lake/derive/derived-columns.ts";
import { keptRejection } from "../../../lake/pii/kept-rejection.ts";
import { KeyedHash } from "../../../lake/pii/keyed-hash.ts";
import { piiTransform } from "../../../lake/pii/transform.ts";
import type { RejectedEntry } from "../../../lake/rows/rejection.ts";
import type { DerivedColumn } from "../../../lake/rows/schema.ts";
import type { ScannerSubject } from "../scanner-subject.ts";

const key = new KeyedHash(Buffer.alloc(32, 9));

export function derivedColumnsOf({ rowWork }: ScannerSubject): readonly DerivedColumn[] {
  return derivedColumns(rowWork?.derive);
}

/** What `functions/parse.ts` tells the parser of it. */
export function rowWorkOptions(subject: ScannerSubject): Pick<ParseOptions, "derivedColumns" | "transforms"> {
  const { rowWork, format, formatOptions } = subject;
  if (!rowWork) return {};
  const { derive, pii } = rowWork;
  const columns = format.columns(formatOptions);
  const derived = derivedColumnsOf(subject);
  return {
    derivedColumns: derived,
    transforms: [
      ...deriveTransforms(derive, columns),
      ...(pii ? [piiTransform(pii, [...columns, ...derived], key)] : []),
    ],
  };
}

/** A rejected entry's text as it is kept, in Latin-1. */
export function keptText({ rowWork }: ScannerSubject, entry: RejectedEntry): string {
  const { text } = keptRejection(entry, rowWork?.pii);
  return text ? Buffer.from(text).toString("latin1") : "withheld";
}

/** What a parse has written. */
interface Written {
  readonly rowGroups: readonly { readonly metadata: string; readonly bytes: Uint8Array }[];
  readonly rejected: string;
}

/** @returns What got out; undefined when nothing did. */
export function escapedCanary({ rowWork }: ScannerSubject, { rowGroups, rejected }: Written): string | undefined {
  const { inRows = [], inRejected = [] } = rowWork?.canaries ?? {};
  const inFile = inRows.find((canary) =>
    rowGroups.some(
      ({ bytes, metadata }) =>
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(canary) || metadata.includes(canary),
    ),
  );
  if (inFile !== undefined) return `"${inFile}" is in a row group`;
  const inText = inRejected.find((canary) => rejected.includes(canary));
  return inText === undefined ? undefined : `"${inText}" is in a rejected line`;
}
