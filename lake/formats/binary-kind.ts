/** Names the kind of an object that is not text by its first bytes, so that its sender can be told what to change. */

interface Kind {
  /** As it reads after "it is". */
  readonly name: string;
  /** Advice for the sender. */
  readonly advice: string;
  readonly magic: Uint8Array;
  /** Offset of the magic bytes; 0 when absent. */
  readonly at?: number;
}

const UNPACK = "Unpack it, or pack its files with gzip, zstd or bzip2 instead";
const ONE_BY_ONE = "Deliver the files in it one by one";

const hex = (text: string) => Buffer.from(text, "hex");
const latin1 = (text: string) => Buffer.from(text, "latin1");

const kinds: readonly Kind[] = [
  { name: "an xz archive", advice: UNPACK, magic: hex("fd377a585a00") },
  { name: "a zlib stream without gzip's header", advice: UNPACK, magic: hex("789c") },
  { name: "a zlib stream without gzip's header", advice: UNPACK, magic: hex("78da") },
  { name: "a zlib stream without gzip's header", advice: UNPACK, magic: hex("7801") },
  { name: "an lzma archive", advice: UNPACK, magic: hex("5d000080") },
  { name: "an lzip archive", advice: UNPACK, magic: latin1("LZIP") },
  { name: "an lzop archive", advice: UNPACK, magic: hex("894c5a4f000d0a1a0a") },
  { name: "an LZ4 archive", advice: UNPACK, magic: hex("04224d18") },
  { name: "an LZ4 archive of the old kind", advice: UNPACK, magic: hex("02214c18") },
  { name: "a Snappy archive", advice: UNPACK, magic: hex("ff060000734e61507059") },
  { name: "a Snappy archive as Java writes it", advice: UNPACK, magic: hex("82534e41505059") },
  { name: "an archive of compress (.Z)", advice: UNPACK, magic: hex("1f9d") },
  { name: "a zstd archive of a version before 1.0", advice: UNPACK, magic: hex("b52ffd"), at: 1 },
  { name: "a zip archive", advice: ONE_BY_ONE, magic: latin1("PK\x03\x04") },
  { name: "an empty zip archive", advice: ONE_BY_ONE, magic: latin1("PK\x05\x06") },
  { name: "a 7z archive", advice: ONE_BY_ONE, magic: hex("377abcaf271c") },
  { name: "a RAR archive", advice: ONE_BY_ONE, magic: latin1("Rar!\x1a\x07") },
  { name: "a tar archive", advice: ONE_BY_ONE, magic: latin1("ustar"), at: 257 },
  { name: "a cpio archive", advice: ONE_BY_ONE, magic: latin1("070701") },
  {
    name: "gzip within gzip within gzip",
    advice: "Two archives around a text are opened, not more",
    magic: hex("1f8b08"),
  },
  {
    name: "zstd within two archives",
    advice: "Two archives around a text are opened, not more",
    magic: hex("28b52ffd"),
  },
  {
    name: "bzip2 within two archives",
    advice: "Two archives around a text are opened, not more",
    magic: latin1("1AY&SY"),
    at: 4,
  },
  { name: "Parquet within an archive", advice: "Deliver the Parquet file itself", magic: latin1("PAR1") },
  { name: "encrypted Parquet", advice: "Deliver it without encryption of its own", magic: latin1("PARE") },
  { name: "an ORC file", advice: "Deliver text, JSON or Parquet", magic: latin1("ORC") },
  { name: "an Avro file", advice: "Deliver text, JSON or Parquet", magic: latin1("Obj\x01") },
  { name: "an Arrow file", advice: "Deliver text, JSON or Parquet", magic: latin1("ARROW1\0\0") },
  { name: "an SQLite database", advice: "Deliver text, JSON or Parquet", magic: latin1("SQLite format 3\0") },
  { name: "a PDF", advice: "Deliver text, JSON or Parquet", magic: latin1("%PDF-") },
  { name: "a PNG image", advice: "Deliver text, JSON or Parquet", magic: hex("89504e470d0a1a0a") },
  { name: "a JPEG image", advice: "Deliver text, JSON or Parquet", magic: hex("ffd8ff") },
  { name: "a GIF image", advice: "Deliver text, JSON or Parquet", magic: latin1("GIF8") },
  { name: "an ELF program", advice: "Deliver text, JSON or Parquet", magic: latin1("\x7fELF") },
];

/** Kinds whose first bytes a text could have. */
const LIKE_TEXT = new Set(["LZIP", "ORC", "070701", "GIF8", "PAR1", "PARE", "ustar", "1AY&SY"]);

/**
 * @param head - The first bytes of an object, inside the archives that we open.
 * @returns Text such as `a zip archive. Deliver the files in it one by one`; undefined for unknown bytes.
 */
export function binaryKindOf(head: Uint8Array): string | undefined {
  const kind = kinds.find(({ magic, at = 0 }) => magic.every((byte, i) => head[at + i] === byte));
  if (!kind) return undefined;
  const { name, advice, magic } = kind;
  if (LIKE_TEXT.has(Buffer.from(magic).toString("latin1")) && !hasControls(head)) return undefined;
  return `${name}. ${advice}`;
}

/** Whether one of the first bytes is a control character that text does not have. */
function hasControls(head: Uint8Array): boolean {
  return head.subarray(0, 240).some(isControl);
}

/** Whether a head is not text. Many logs have a few control characters, such as NUL; in other data one byte in eight is one. */
export function isBinary(head: Uint8Array): boolean {
  const controls = head.reduce((count, byte) => (isControl(byte) ? count + 1 : count), 0);
  return controls > Math.max(2, head.length / 32);
}

/** Tab, the line ends, vertical tab, form feed and the escape of colours are text. */
function isControl(byte: number): boolean {
  return byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b;
}
