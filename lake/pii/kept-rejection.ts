import type { RejectedEntry } from "../rows/rejection.ts";
import type { PiiPolicy } from "./policy.ts";
import { scrubText } from "./scrub.ts";

/** A rejected entry as it is kept: its text is null where the policy withholds it. The raw object has all of it. */
export type KeptRejection = Omit<RejectedEntry, "text"> & { readonly text: Uint8Array | null };

export function keptRejection(entry: RejectedEntry, policy: PiiPolicy | undefined): KeptRejection {
  switch (policy?.rejected) {
    case undefined:
    case "keep":
      return entry;
    case "withhold":
      return { ...entry, text: null };
    case "scrub-text":
      // It comes in parts: what is to be scrubbed could be cut in two, and neither half be recognised.
      if (entry.reason === "LINE_TOO_LONG") return { ...entry, text: null };
      return {
        ...entry,
        text: Buffer.from(scrubText(new TextDecoder("utf-8", { ignoreBOM: true }).decode(entry.text))),
      };
  }
}
