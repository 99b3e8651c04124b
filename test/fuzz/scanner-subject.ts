import type { DeriveConfig } from "../../lake/derive/rule.ts";
import type { FormatOptions, LogFormat } from "../../lake/formats/format.ts";
import type { PiiPolicy } from "../../lake/pii/policy.ts";
import type { Grammar } from "./grammars/grammar.ts";

/** A scanner that is fuzzed, with what it is told and what its text looks like. */
export interface ScannerSubject {
  readonly name: string;
  readonly format: LogFormat;
  readonly formatOptions?: FormatOptions;
  readonly openGrammar: () => Grammar;
  /** Whether a line that starts with `#` is no record, and one that starts with a name may be none. */
  readonly hasRemarks?: boolean;
  /** Whether a line may belong to the record before. */
  readonly hasContinuations?: boolean;
  /** What is done with rows before they are written. */
  readonly rowWork?: RowWork;
  /** What is tried is the columns: every text is parsed whole. */
  readonly isWhole?: boolean;
}

/** What a source does with its rows before they are written. */
interface RowWork {
  readonly derive?: DeriveConfig;
  readonly pii?: PiiPolicy;
  /** What must be nowhere in what is written. */
  readonly canaries?: Canaries;
}

/** Texts that the policy takes out wherever a mutation puts them, as long as they are whole. */
interface Canaries {
  readonly inRows: readonly string[];
  readonly inRejected: readonly string[];
}
