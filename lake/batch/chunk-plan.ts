/** The plan of which pieces of text are parsed together. */
import type { FormatName } from "../formats/format.ts";
import { MAX_CHUNK_BYTES } from "../unpack/cut-text.ts";
import type { ManifestObject } from "./batch.ts";

/** A piece of an object's unpacked text, in staging. */
export interface StagedPiece {
  /** Key in the staging bucket. */
  readonly stagedKey: string;
  readonly byteLength: number;
  readonly lineCount: number;
  /** The physical line on which it starts, from 1. */
  readonly firstLine: number;
  /** The byte of the unpacked text at which it starts, from 0. */
  readonly firstByte: number;
  /** The header that a scanner needs to start here. */
  readonly header?: string | undefined;
  /** The archive breaks off within it. An entry without an end does not become a row. */
  readonly isTruncated?: true;
}

/** The outcome of unpacking an object. */
export type PreparedObject =
  | ({ status: "prepared" } & Unpacked)
  /** Its archive is truncated, within the last piece if there is any. */
  | ({ status: "truncated"; reason: string; detail: string } & Unpacked)
  | { status: "quarantined" | "passed-over"; object: ManifestObject; reason: string; detail: string };

interface Unpacked {
  object: ManifestObject;
  format: FormatName;
  pieces: StagedPiece[];
  /** Oddities of the object that cost no line. */
  warnings?: readonly string[];
  /** A chunk that it was in could not be parsed, for whatever object's sake: from now on it shares none. */
  alone?: true;
}

/** A piece that knows its object. */
export interface ChunkPiece extends StagedPiece {
  /** The object's place in the manifest. */
  readonly index: number;
  readonly object: ManifestObject;
}

/** Text of one format, at most `MAX_CHUNK_BYTES`; only a single record that is longer makes it larger. */
export interface Chunk {
  readonly format: FormatName;
  readonly pieces: readonly ChunkPiece[];
}

/**
 * Gathers the pieces of all objects into chunks, in the order of the manifest and of the text. An object that is to be alone
 * shares no chunk with another.
 */
export function planChunks(prepared: readonly PreparedObject[], maxBytes = MAX_CHUNK_BYTES): Chunk[] {
  const chunks: { format: FormatName; pieces: ChunkPiece[]; byteLength: number; alone?: number }[] = [];
  for (const [index, entry] of prepared.entries()) {
    if (!("pieces" in entry)) continue;
    for (const piece of entry.pieces) {
      const open = chunks.at(-1);
      const member = { ...piece, index, object: entry.object };
      const alone = entry.alone ? index : undefined;
      const fits = open && open.format === entry.format && open.byteLength + piece.byteLength <= maxBytes;
      if (fits && open.alone === alone) {
        open.pieces.push(member);
        open.byteLength += piece.byteLength;
      } else
        chunks.push({
          ...{ format: entry.format, pieces: [member], byteLength: piece.byteLength },
          ...(alone !== undefined && { alone }),
        });
    }
  }
  return chunks.map(({ format, pieces }) => ({ format, pieces }));
}

/**
 * What to do about a chunk that could not be parsed: its task crashed, ran out of time or memory, or met what nobody foresaw.
 * With one object in it, that object is to be set aside; with several, nobody knows which it was, and each gets its own chunk.
 *
 * @returns Places in the manifest.
 */
export function singleOut({ pieces }: Chunk): { setAside: number } | { alone: number[] } {
  const indexes = [...new Set(pieces.map(({ index }) => index))];
  return indexes.length === 1 ? { setAside: indexes[0]! } : { alone: indexes };
}
