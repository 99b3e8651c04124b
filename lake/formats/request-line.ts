import type { RowBlock } from "../rows/row-block.ts";
import { ascii, COLON, HASH, MINUS, SLASH, SPACE, startsWithAt } from "./ascii.ts";

const QUESTION_MARK = 0x3f;
const ZERO = 0x30;
const AT_SIGN = 0x40;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const PROTOCOL = ascii("HTTP/");
const DASH = ascii("-");

/** Columns for the parts of a request line, by index. */
interface RequestColumns {
  readonly verb: number;
  readonly url: number;
  readonly proto: number;
  /** Host of an absolute URL, without port. */
  readonly domain: number;
  readonly path: number;
}

/**
 * Sets the parts of `VERB URL PROTOCOL`, as the load balancers write a request. The URL may hold spaces, so the verb ends
 * at the first space and the protocol begins after the last one; a request may lack either. `-` stands for a missing verb,
 * URL or protocol: a connection without a request is `- - - `, with a space at its end.
 */
export function setRequestLine(block: RowBlock, columns: RequestColumns, start: number, textEnd: number): void {
  const { bytes } = block;
  let end = textEnd;
  while (end > start && bytes[end - 1] === SPACE) end--;
  let urlStart = start;
  while (urlStart < end && bytes[urlStart] !== SPACE) urlStart++;
  if (urlStart === end) {
    // One word: it is taken for the target.
    setUrl(block, columns, start, end);
    return;
  }
  if (!isDash(bytes, start, urlStart)) block.setField(columns.verb, start, urlStart);
  urlStart++;
  let lastSpace = end - 1;
  while (lastSpace > urlStart && bytes[lastSpace] !== SPACE) lastSpace--;
  const protoStart = lastSpace + 1;
  const hasProtocol = lastSpace > urlStart && isProtocol(bytes, protoStart, end);
  if (hasProtocol && !isDash(bytes, protoStart, end)) block.setField(columns.proto, protoStart, end);
  setUrl(block, columns, urlStart, hasProtocol ? lastSpace : end);
}

function isDash(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === MINUS;
}

/** `HTTP/1.1`, or a `-` in its place. */
function isProtocol(bytes: Uint8Array, start: number, end: number): boolean {
  return startsWithAt(bytes, start, PROTOCOL) || (end - start === 1 && startsWithAt(bytes, start, DASH));
}

function setUrl(block: RowBlock, columns: RequestColumns, start: number, end: number): void {
  const { bytes } = block;
  if (isDash(bytes, start, end)) return;
  block.setField(columns.url, start, end);
  let hostStart = afterScheme(bytes, start, end);
  let pathStart = start;
  if (hostStart > 0) {
    let hostEnd = endOfHost(bytes, hostStart, end);
    pathStart = afterPort(bytes, hostEnd, end);
    // Neither path nor end follows: a user name may come before the host.
    if (pathStart < end && !startsPath(bytes[pathStart]!)) {
      hostStart = afterUserInfo(bytes, hostStart, end);
      hostEnd = endOfHost(bytes, hostStart, end);
      pathStart = afterPort(bytes, hostEnd, end);
    }
    if (hostEnd > hostStart) block.setField(columns.domain, hostStart, hostEnd);
  }
  let pathEnd = pathStart;
  while (pathEnd < end && bytes[pathEnd] !== QUESTION_MARK && bytes[pathEnd] !== HASH) pathEnd++;
  if (pathEnd > pathStart && !isDash(bytes, pathStart, pathEnd)) block.setField(columns.path, pathStart, pathEnd);
}

/** The place after `scheme://`, or 0 when the URL is relative. */
function afterScheme(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i + 2 < end; i++) {
    if (bytes[i] === COLON) return bytes[i + 1] === SLASH && bytes[i + 2] === SLASH ? i + 3 : 0;
    if (bytes[i] === SLASH || bytes[i] === QUESTION_MARK) return 0;
  }
  return 0;
}

/** The place after `user:password@`, which does not belong to the host. */
function afterUserInfo(bytes: Uint8Array, start: number, end: number): number {
  let hostStart = start;
  for (let i = start; i < end && !startsPath(bytes[i]!); i++) if (bytes[i] === AT_SIGN) hostStart = i + 1;
  return hostStart;
}

const startsPath = (byte: number) => byte === SLASH || byte === QUESTION_MARK || byte === HASH;

function endOfHost(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  if (bytes[i] === OPENING_BRACKET) {
    while (i < end && bytes[i] !== CLOSING_BRACKET) i++;
    return Math.min(i + 1, end);
  }
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === COLON || byte === AT_SIGN || startsPath(byte)) break;
  }
  return i;
}

function afterPort(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== COLON) return start;
  let i = start + 1;
  while (i < end && bytes[i]! >= ZERO && bytes[i]! <= ZERO + 9) i++;
  return i;
}
