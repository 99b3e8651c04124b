import { isIPv4, isIPv6 } from "node:net";
import type { RowBatch } from "../columns/row-batch.ts";

const ZERO = 0x30;
const DOT = 0x2e;

/** `192.0.2.1:443`, `[2001:db8::1]:443` and `[2001:db8::1]`: an address with a port, or in the brackets that a port asks for. */
const WITH_PORT = /^(?:([\d.]+):\d{1,5}|\[([^\]]*)\](?::\d{1,5})?)$/;

/**
 * Cuts an address to its network: IPv4 to /24, IPv6 to /48. A port goes. An IPv4 address within an IPv6 one counts as IPv4.
 * Of a list, as `X-Forwarded-For` holds, each member is cut.
 *
 * @returns Null when anything in the text is no address: what cannot be cut is not kept.
 */
export function truncateAddress(text: string): string | null {
  const networks = text.split(",").map((member) => networkOf(member.trim()));
  return networks.includes(null) ? null : networks.join(", ");
}

function networkOf(text: string): string | null {
  const [, v4, v6] = WITH_PORT.exec(text) ?? [];
  const address = v4 ?? v6 ?? text;
  if (isIPv4(address)) return address.replace(/\d+$/, "0");
  // A zone (`%eth0`) would be kept, so it is refused.
  if (!isIPv6(address) || address.includes("%")) return null;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${groups[6]! >> 8}.${groups[6]! & 0xff}.${groups[7]! >> 8}.0`;
  const [first, second, third] = groups as [number, number, number];
  // 6to4 holds the whole IPv4 address of its router in the 48 bits that are kept: RFC 3056.
  if (first === 0x2002) return shortest(first, second, third & 0xff00);
  return shortest(first, second, third);
}

/** The network of three groups in the shortest form, as RFC 5952 has it: no zero group stands before the "::". */
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
 * The same for a field that is a single IPv4 address, in its bytes: there are as many of them as there are clients, and
 * making strings of them would cost more than all the rest of reading a log.
 *
 * @param at - The place of the field in `batch.fields`.
 * @returns False, and nothing is changed, when it is anything else.
 */
export function truncateAddressBytes(batch: RowBatch, at: number): boolean {
  const { bytes, fields } = batch;
  const start = fields[at]!;
  const end = start + fields[at + 1]!;
  if (end - start > "255.255.255.255".length) return false;
  let dots = 0;
  let octet = start;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      // A zero in front makes it octal to some and decimal to others.
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
  const network = batch.reserveText(length);
  const target = batch.bytes;
  for (let i = 0; i < length - 1; i++) target[network + i] = target[start + i]!;
  target[network + length - 1] = ZERO;
  batch.fields[at] = network;
  batch.fields[at + 1] = length;
  return true;
}
