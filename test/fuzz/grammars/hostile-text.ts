/** Short texts that readers stumble over: what mutations put in. */

/** A text, byte by byte, from a string in which every character stands for one byte. */
export function bytesOf(latin1: string): Uint8Array {
  return new Uint8Array(Buffer.from(latin1, "latin1"));
}

const utf8 = (text: string) => new Uint8Array(Buffer.from(text));

/** Single bytes that mean something to some format or decoder. */
export const SPECIAL_BYTES = bytesOf(
  "\"\\\t\r\n\0%# -,;|:{}[]/?='\x0b\x0c\x7f\x80\xff\xc3\xe2\xef0159+.eEfFxXZTu\x1a\x1b\x08",
);

const numbers = [
  ...["0", "1", "-1", "-0", "00", "007", "1.", ".5", "1e3", "1E+3", "1e", "+1", "0x10", "1_0", "NaN", "Infinity"],
  ...["2147483647", "2147483648", "-2147483648", "-2147483649", "9007199254740993", "-9007199254740993"],
  ...["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"],
  ...["99999999999999999999", "123456789012345", "1234567890123456", "0.1234567890123456789", "1e308", "1e309"],
  ...["1.7976931348623157e308", "4.9e-324", "1e-400", "-0.0", "0.000", "9".repeat(64), "9".repeat(65), "9".repeat(401)],
  ...["true", "false", "null", "TRUE"],
];
const times = [
  ...["2026-02-28", "2026-02-29", "2024-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "1969-12-31", "1970-01-01"],
  ...["9999-12-31", "10000-01-01", "0000-00-00", "../../etc", "2026/01/17", "2026-01-17T10:00:00Z"],
  ...["2026-01-17T10:00:00.123456Z", "2026-01-17 10:00:00.1234567", "2026-01-17T10:00:00.Z", "2026-01-17T23:59:60Z"],
  ...["24:00:00", "23:59:60", "10:60:00", "1:00:00", "1700000000", "1700000000.123", "1700000000123", "99999999999999"],
  ...["17/Jan/2026:10:00:00 +0000", "2026-01-17T10:00:00+05:30", "2026-01-17 10:00:00,123"],
];
const escapes = [
  ...["%", "%4", "%zz", "%41", "%00", "%0A", "%09", "%22", "%25", "%2525", "%C3%A9", "%c3%28", "%ff%fe", "%e2%80%a8"],
  ...["\\", "\\\\", '\\"', "\\x", "\\x2", "\\x22", "\\xFFFFFFE2\\xFFFFFF80\\xFFFFFFA8", "\\xFFFFFF41", "\\xff", "\\n"],
  ...["\\u0000", "\\ud83d\\ude00", "\\ud800", "\\u2028", "\\u", "\\u00e9", "\\/", "\\b"],
];
const structures = [
  ...['"', '""', '"-"', '"a b"', '"a""b"', "#", "#Fields", "#Fields:", "#Version: 1.0"],
  ...[
    "{",
    "}",
    "[",
    "]",
    "{}",
    "[]",
    '{"',
    '"}',
    ",",
    ",,",
    ":",
    "//",
    "://",
    "http://[::1]:80/",
    "[::1]:80",
    "::1:80",
  ],
  ...[
    "1.2.3.4:",
    ":80",
    ":99999999",
    "- http://h:80- -",
    "-",
    "--",
    " - ",
    "  ",
    "\t\t",
    "\t-\t",
    "\r",
    "\n",
    "\r\n",
    "\n\r",
  ],
  ...["\n\n", "\r\r\n", "\0", "\0\0\0\0", "\x0b", "\x0c", "\x1a"],
];
const beyondAscii = ["é", "日本", "😀", "\u2028", "\u2029", "\u0085", "\ufeff", "\ufffd", "ß", "İ", "\u{10ffff}"];
const brokenUtf8 = [
  "\xe9",
  "\xc3",
  "\xe2\x82",
  "\xf0\x9f\x98",
  "\xed\xa0\x80",
  "\xc0\xaf",
  "\xf5\x80\x80\x80",
  "\x80",
  "\xff\xfe",
];
/** Around the widths of words, vectors and the bounds that statistics are cut to. */
const lengths = [3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000];

export const HOSTILE_TEXTS: readonly Uint8Array[] = [
  ...[...numbers, ...times, ...escapes, ...structures, ...brokenUtf8].map(bytesOf),
  ...beyondAscii.map(utf8),
  ...lengths.map((length) => bytesOf("x".repeat(length))),
  ...[15, 16, 17].map((length) => bytesOf("\xff".repeat(length))),
  ...[14, 15, 16].map((length) => utf8(`${"y".repeat(length)}é${"z".repeat(4)}`)),
];
