/** The path of an object's bytes: readable for a person, safe for any key. */
import { createHash } from "node:crypto";

/** File systems allow 255 bytes in a name; the id and a margin are subtracted. */
const LONGEST_SEGMENT_BYTES = 180;

/**
 * The path below the bucket's folder, in the key's own folders so that `date=2026-01-17` stays visible, and with the
 * key's own ending. The id in front of the file name keeps two versions of a key apart, and a key `a` from a key `a/b`.
 */
export function keyPath(key: string, id: string): string {
  const segments = key.split("/").map(safeSegment);
  const file = `${id}.${segments.pop()}`;
  // The depth of a path is limited as well; what is deeper than anyone reads goes into one name.
  const folders =
    segments.length > 20 ? [...segments.slice(0, 19), safeSegment(segments.slice(19).join("%2F"))] : segments;
  return [...folders, file].join("/");
}

function safeSegment(segment: string): string {
  const bytes = Buffer.from(segment, "utf8");
  let name = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    name += /[A-Za-z0-9=._+@,~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  if (name === "" || name === "." || name === "..") return `%${name}`;
  if (name.length <= LONGEST_SEGMENT_BYTES) return name;
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return `${name.slice(0, LONGEST_SEGMENT_BYTES - 60)}~${hash}~${name.slice(-40)}`;
}
