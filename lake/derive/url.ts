/** Finds the parts of a URL in its bytes, by the generic syntax. Nothing is decoded or added. */

export const urlParts = ["scheme", "host", "path", "query", "fragment", "extension"] as const;
export type UrlPart = (typeof urlParts)[number];

const HASH = 0x23;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION_MARK = 0x3f;
const AT = 0x40;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const DOT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;

const ROOT = Uint8Array.of(SLASH);
/** A longer ending of a file name is not an extension. */
const MAX_EXTENSION_BYTES = 16;

/**
 * @param text - A URL with scheme, one without (`//host/path`), or one from its path on (`/path?query`).
 * @returns Undefined when the URL does not have the part, or the text is not a URL. An empty part is empty; only the empty path
 *   of `http` and `https` is `/`. The extension is that of the path's last segment, without the dot.
 * @see https://www.rfc-editor.org/rfc/rfc3986#appendix-B
 */
export function urlPart(text: Uint8Array, part: UrlPart): Uint8Array | undefined {
  const url = splitUrl(text);
  if (!url) return undefined;
  switch (part) {
    case "scheme":
      return url.schemeEnd < 0 ? undefined : lowerCase(text.subarray(0, url.schemeEnd));
    case "host":
      return url.hostStart === url.hostEnd ? undefined : lowerCase(text.subarray(url.hostStart, url.hostEnd));
    case "path":
      return pathOf(text, url);
    case "query":
      return url.queryStart < 0 ? undefined : text.subarray(url.queryStart, url.queryEnd);
    case "fragment":
      return url.queryEnd === text.length ? undefined : text.subarray(url.queryEnd + 1);
    case "extension":
      return extensionOf(text.subarray(url.pathStart, url.pathEnd));
  }
}

/** A segment of the URL's path by its number from 1; undefined when it is missing or empty. */
export function pathSegment(text: Uint8Array, number: number): Uint8Array | undefined {
  const url = splitUrl(text);
  if (!url || text[url.pathStart] !== SLASH) return undefined;
  let start = url.pathStart + 1;
  for (let left = number - 1; left > 0; left--) {
    const slash = text.indexOf(SLASH, start);
    if (slash < 0 || slash >= url.pathEnd) return undefined;
    start = slash + 1;
  }
  const slash = text.indexOf(SLASH, start);
  const end = slash < 0 || slash > url.pathEnd ? url.pathEnd : slash;
  return end > start ? text.subarray(start, end) : undefined;
}

interface UrlPlaces {
  /** -1 without a scheme. */
  readonly schemeEnd: number;
  readonly hostStart: number;
  readonly hostEnd: number;
  readonly pathStart: number;
  readonly pathEnd: number;
  /** -1 without a query. */
  readonly queryStart: number;
  /** Where the fragment's `#` stands, or the text ends. */
  readonly queryEnd: number;
}

function splitUrl(text: Uint8Array): UrlPlaces | undefined {
  const { length } = text;
  for (let i = 0; i < length; i++) if (text[i]! < 0x20 || text[i] === 0x7f) return undefined;
  const schemeEnd = schemeEndOf(text);
  let at = schemeEnd + 1;
  const hasAuthority = text[at] === SLASH && text[at + 1] === SLASH;
  // A text that begins otherwise is a name, a sentence or a "-", not a path of one segment.
  if (schemeEnd < 0 && text[at] !== SLASH && text[at] !== QUESTION_MARK && text[at] !== HASH) return undefined;
  let hostStart = at;
  let hostEnd = at;
  if (hasAuthority) {
    at += 2;
    hostStart = at;
    for (; at < length && text[at] !== SLASH && text[at] !== QUESTION_MARK && text[at] !== HASH; at++) {
      if (text[at] === 0x20) return undefined;
      if (text[at] === AT) hostStart = at + 1;
    }
    hostEnd = hostEndOf(text, hostStart, at);
    if (hostEnd < 0) return undefined;
  }
  const pathStart = at;
  const hashAt = text.indexOf(HASH, pathStart);
  const queryEnd = hashAt < 0 ? length : hashAt;
  const questionAt = text.indexOf(QUESTION_MARK, pathStart);
  const hasQuery = questionAt >= 0 && questionAt < queryEnd;
  const pathEnd = hasQuery ? questionAt : queryEnd;
  return { schemeEnd, hostStart, hostEnd, pathStart, pathEnd, queryStart: hasQuery ? questionAt + 1 : -1, queryEnd };
}

/** Where the colon after the scheme stands, or -1. */
function schemeEndOf(text: Uint8Array): number {
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!;
    if (byte === COLON) return i === 0 ? -1 : i;
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    const isOther = (byte >= 0x30 && byte <= 0x39) || byte === PLUS || byte === MINUS || byte === DOT;
    if (!isLetter && (i === 0 || !isOther)) return -1;
  }
  return -1;
}

/** Where the host ends in `host:port`; -1 when it is not a host. */
function hostEndOf(text: Uint8Array, start: number, end: number): number {
  let hostEnd = start;
  if (text[start] === OPENING_BRACKET) {
    const closing = text.indexOf(CLOSING_BRACKET, start);
    if (closing < 0 || closing >= end) return -1;
    hostEnd = closing + 1;
  } else while (hostEnd < end && text[hostEnd] !== COLON) hostEnd++;
  if (hostEnd === end) return hostEnd;
  if (text[hostEnd] !== COLON) return -1;
  for (let i = hostEnd + 1; i < end; i++) if (text[i]! < 0x30 || text[i]! > 0x39) return -1;
  return hostEnd;
}

function pathOf(text: Uint8Array, { schemeEnd, pathStart, pathEnd }: UrlPlaces): Uint8Array {
  if (pathStart < pathEnd) return text.subarray(pathStart, pathEnd);
  const isHttp = schemeEnd === 4 || schemeEnd === 5 ? /^https?$/i.test(asciiText(text, schemeEnd)) : false;
  return isHttp ? ROOT : text.subarray(pathStart, pathEnd);
}

const asciiText = (text: Uint8Array, end: number) => String.fromCharCode(...text.subarray(0, end));

function extensionOf(path: Uint8Array): Uint8Array | undefined {
  const dot = path.lastIndexOf(DOT);
  // A name that begins with a dot has no extension.
  if (dot <= path.lastIndexOf(SLASH) + 1 || dot === path.length - 1) return undefined;
  const extension = path.subarray(dot + 1);
  const isWord = (byte: number) => (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
  return extension.length <= MAX_EXTENSION_BYTES && extension.every(isWord) ? lowerCase(extension) : undefined;
}

const isUpper = (byte: number) => byte >= 0x41 && byte <= 0x5a;

/** The text with its ASCII letters in lower case; the text itself where nothing changes. */
function lowerCase(text: Uint8Array): Uint8Array {
  return text.some(isUpper) ? Uint8Array.from(text, (byte) => (isUpper(byte) ? byte | 0x20 : byte)) : text;
}
