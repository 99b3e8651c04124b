/** An archive that is being unpacked: its object, the limits for its text, and the errors and warnings about it. */
import { ArchiveTooLarge, CorruptArchive, TruncatedArchive } from "../errors.ts";
import type { ObjectRef } from "../object-ref.ts";

const MIB = 1 << 20;
const GIB = 1024 * MIB;

/** When to stop unpacking. */
export interface ArchiveLimits {
  /** The most text of one object. */
  readonly maxBytes: number;
  /** The most bytes of text for each byte of the archive. Small texts may repeat themselves: checked beyond `ratioFromBytes`. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = { maxBytes: 100 * GIB, maxRatio: 250, ratioFromBytes: 64 * MIB };

/** The limits in a source's configuration. */
interface SourceLimits {
  readonly maxUnpackedBytes?: number | undefined;
  readonly maxUnpackedRatio?: number | undefined;
}

export function limitsOf({
  maxUnpackedBytes: maxBytes = DEFAULT_LIMITS.maxBytes,
  maxUnpackedRatio: maxRatio = DEFAULT_LIMITS.maxRatio,
}: SourceLimits): ArchiveLimits {
  return { ...DEFAULT_LIMITS, maxBytes, maxRatio };
}

export interface ArchiveOptions {
  /** The object, for the messages of errors. */
  readonly object: ObjectRef;
  readonly limits?: ArchiveLimits | undefined;
  /** Whether errors may quote names and values from it; true when absent. */
  readonly mayQuote?: boolean | undefined;
  /** Gets warnings about oddities that cost no line, such as bytes after the archive. */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

export class Archive {
  readonly object: ObjectRef;
  readonly mayQuote: boolean;
  readonly #limits: ArchiveLimits;
  readonly #onWarning: (warning: string) => void;
  #packedBytes = 0;

  constructor({ object, limits = DEFAULT_LIMITS, mayQuote = true, onWarning = () => {} }: ArchiveOptions) {
    this.object = object;
    this.mayQuote = mayQuote;
    this.#limits = limits;
    this.#onWarning = onWarning;
  }

  corrupt(detail: string): CorruptArchive {
    return new CorruptArchive(this.object, detail);
  }

  cut(detail: string): TruncatedArchive {
    return new TruncatedArchive(this.object, detail);
  }

  tooLarge(detail: string): ArchiveTooLarge {
    return new ArchiveTooLarge(this.object, detail);
  }

  warn(warning: string): void {
    this.#onWarning(warning);
  }

  /** Counts bytes of an archive that is not read in order. */
  addPacked(bytes: number): void {
    this.#packedBytes += bytes;
  }

  /** Passes the archive's bytes on and counts them. */
  async *countPacked(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of packed) {
      this.#packedBytes += bytes.length;
      yield bytes;
    }
  }

  /**
   * Passes text on up to the limits, whether it is the text itself or an archive in it.
   *
   * @throws {ArchiveTooLarge}
   */
  async *countText(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const { maxBytes, maxRatio, ratioFromBytes } = this.#limits;
    let textBytes = 0;
    for await (const bytes of text) {
      textBytes += bytes.length;
      if (textBytes > maxBytes)
        throw this.tooLarge(
          `more than ${maxBytes} bytes of text come out of it. Deliver it in smaller objects, or raise maxUnpackedBytes of its source`,
        );
      if (textBytes > ratioFromBytes && textBytes > maxRatio * this.#packedBytes)
        throw this.tooLarge(
          `${textBytes} bytes of text come out of ${this.#packedBytes} packed ones, and ${maxRatio} for one are the limit. ` +
            "If this is a log and no bomb, raise maxUnpackedRatio of its source",
        );
      yield bytes;
    }
  }
}
