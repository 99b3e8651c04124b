import { isIPv4, isIPv6 } from "node:net";

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
