/** Which pieces of text are parsed together. */

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
  /** Where in the unpacked text it starts. */
  readonly firstByte: number;
  /** What a scanner must know that starts here. */
  readonly header?: string | undefined;
  /** The archive breaks off within it: the last entry is no row when it has no end. */
  readonly isCut?: true;
}

/** What became of an object before its text is parsed. */
export type PreparedObject =
  | ({ status: "prepared" } & Unpacked)
  /** Its archive is cut. The last piece, if there is any, is that in which it breaks off. */
  | ({ status: "truncated"; reason: string; detail: string } & Unpacked)
  | { status: "quarantined" | "passed-over"; object: ManifestObject; reason: string; detail: string };

interface Unpacked {
  object: ManifestObject;
  format: FormatName;
  pieces: StagedPiece[];
  /** What is odd about it and cost no line. */
  warnings?: readonly string[];
}

/** A piece that knows its object. */
export interface ChunkPiece extends StagedPiece {
  /** The object's place in the manifest. */
  readonly index: number;
  readonly object: ManifestObject;
}

/** At most `MAX_CHUNK_BYTES` of text of one format; only a single record that is longer makes it larger. */
export interface Chunk {
  readonly format: FormatName;
  readonly pieces: readonly ChunkPiece[];
}

/** Gathers the pieces of all objects into chunks, in the order of the manifest and of the text. */
export function planChunks(prepared: readonly PreparedObject[], maxBytes = MAX_CHUNK_BYTES): Chunk[] {
  const chunks: { format: FormatName; pieces: ChunkPiece[]; byteLength: number }[] = [];
  for (const [index, entry] of prepared.entries()) {
    if (!("pieces" in entry)) continue;
    for (const piece of entry.pieces) {
      const open = chunks.at(-1);
      const member = { ...piece, index, object: entry.object };
      if (open && open.format === entry.format && open.byteLength + piece.byteLength <= maxBytes) {
        open.pieces.push(member);
        open.byteLength += piece.byteLength;
      } else chunks.push({ format: entry.format, pieces: [member], byteLength: piece.byteLength });
    }
  }
  return chunks.map(({ format, pieces }) => ({ format, pieces }));
}
