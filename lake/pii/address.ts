import { isIPv4, isIPv6 } from "node:net";
import type { RowBlock } from "../rows/row-block.ts";

const ZERO = 0x30;
const DOT = 0x2e;
const COLON = 0x3a;
const LOWER_A = 0x61;

/** `192.0.2.1:443`, `[2001:db8::1]:443` and `[2001:db8::1]`: an address with a port, or in brackets. */
const WITH_PORT = /^(?:([\d.]+):\d{1,5}|\[([^\]]*)\](?::\d{1,5})?)$/;

/**
 * Cuts an address to its network: IPv4 to /24, IPv6 to /48. A port is removed. An IPv4 address within an IPv6 one counts as
 * IPv4. In a list, as `X-Forwarded-For` holds, each member is cut.
 *
 * @returns Null when anything in the text is not an address: text that cannot be cut is not kept.
 */
export function truncateAddress(text: string): string | null {
  const networks = text.split(",").map((member) => networkOf(member.trim()));
  return networks.includes(null) ? null : networks.join(", ");
}

function networkOf(text: string): string | null {
  const [, v4, v6] = WITH_PORT.exec(text) ?? [];
  const address = v4 ?? v6 ?? text;
  if (isIPv4(address)) return address.replace(/\d+$/, "0");
  // A zone (`%eth0`) would be kept, so the address is not.
  if (!isIPv6(address) || address.includes("%")) return null;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${groups[6]! >> 8}.${groups[6]! & 0xff}.${groups[7]! >> 8}.0`;
  const [first, second, third] = groups as [number, number, number];
  // 6to4 holds the whole IPv4 address of its router in the 48 bits that are kept: RFC 3056.
  if (first === 0x2002) return shortest(first, second, third & 0xff00);
  return shortest(first, second, third);
}

/** The network of three groups in the shortest form of RFC 5952: no zero group before the "::". */
function shortest(first: number, second: number, third: number): string {
  if (third !== 0) return `${first.toString(16)}:${second.toString(16)}:${third.toString(16)}::`;
  if (second !== 0) return `${first.toString(16)}:${second.toString(16)}::`;
  return first !== 0 ? `${first.toString(16)}::` : "::";
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(":"),
  );
  const [before, after] = hex.split("::") as [string, string?];
  const read = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  if (after === undefined) return read(before);
  const head = read(before);
  const tail = read(after);
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/**
 * The same for a field that is a single address, in its bytes. There are as many of them as there are clients, and strings for
 * them would cost more than all other work on a log.
 *
 * @param at - The place of the field in `block.fields`.
 * @returns False, without a change, when it is anything else, or an IPv6 address of a special kind.
 */
export function truncateAddressBytes(block: RowBlock, at: number): boolean {
  return truncateIpv4Bytes(block, at) || truncateIpv6Bytes(block, at);
}

function truncateIpv4Bytes(block: RowBlock, at: number): boolean {
  const { bytes, fields } = block;
  const start = fields[at]!;
  const end = start + fields[at + 1]!;
  if (end - start > "255.255.255.255".length) return false;
  let dots = 0;
  let octet = start;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      // Some programs read a number with a zero in front as octal, others as decimal.
      if (i > octet && value === 0) return false;
      value = value * 10 + digit;
      if (value > 255) return false;
    } else if (bytes[i] === DOT && i > octet && dots < 3) {
      dots++;
      octet = i + 1;
      value = 0;
    } else return false;
  }
  if (dots !== 3 || octet === end) return false;
  if (value === 0) return true;
  const length = octet + 1 - start;
  const network = block.reserveText(length);
  const target = block.bytes;
  for (let i = 0; i < length - 1; i++) target[network + i] = target[start + i]!;
  target[network + length - 1] = ZERO;
  block.fields[at] = network;
  block.fields[at + 1] = length;
  return true;
}

/** The written groups: those before a "::" and then those after it. */
const groups = new Uint16Array(8);

function truncateIpv6Bytes(block: RowBlock, at: number): boolean {
  const { bytes, fields } = block;
  const start = fields[at]!;
  const end = start + fields[at + 1]!;
  if (end - start > "2001:0db8:0000:0000:0000:0000:0000:0001".length) return false;
  let count = 0;
  /** Groups before the "::". */
  let gapAt = -1;
  for (let i = start; i < end; ) {
    let value = 0;
    const groupStart = i;
    for (; i < end; i++) {
      const digit = hexDigit(bytes[i]!);
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (i === groupStart || i > groupStart + 4 || count === 8) return false;
    groups[count++] = value;
    if (i === end) break;
    if (bytes[i++] !== COLON) return false;
    if (i === end) return false;
    if (bytes[i] !== COLON) continue;
    if (gapAt >= 0) return false;
    gapAt = count;
    i++;
  }
  const isWhole = gapAt < 0 ? count === 8 : count < 8;
  // An address that begins with zeros may stand for an IPv4 address; 6to4 holds one.
  if (!isWhole || groups[0] === 0 || groups[0] === 0x2002) return false;
  const second = groupAt(1, count, gapAt);
  const third = groupAt(2, count, gapAt);
  const network = block.reserveText("2001:0db8:0000::".length);
  const target = block.bytes;
  let to = writeHex(target, network, groups[0]!);
  if (second !== 0 || third !== 0) {
    target[to++] = COLON;
    to = writeHex(target, to, second);
  }
  if (third !== 0) {
    target[to++] = COLON;
    to = writeHex(target, to, third);
  }
  target[to++] = COLON;
  target[to++] = COLON;
  block.fields[at] = network;
  block.fields[at + 1] = to - network;
  return true;
}

function groupAt(place: number, count: number, gapAt: number): number {
  if (gapAt < 0 || place < gapAt) return groups[place]!;
  const zeros = 8 - count;
  return place < gapAt + zeros ? 0 : groups[place - zeros]!;
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= ZERO + 9) return byte - ZERO;
  const lower = byte | 0x20;
  return lower >= LOWER_A && lower <= LOWER_A + 5 ? lower - LOWER_A + 10 : -1;
}

/** Writes a number without leading zeros, and returns where it ends. */
function writeHex(target: Uint8Array, start: number, value: number): number {
  let to = start;
  for (let shift = 12; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    if (digit !== 0 || to > start || shift === 0) target[to++] = digit < 10 ? ZERO + digit : LOWER_A + digit - 10;
  }
  return to;
}
