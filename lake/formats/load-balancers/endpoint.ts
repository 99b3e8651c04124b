import type { RowBlock } from "../../rows/row-block.ts";
import { COLON } from "../ascii.ts";

const POINT = 0x2e;
const ZERO = 0x30;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const MAX_PORT_DIGITS = 5;

/** Groups of a complete IPv6 address. */
const IPV6_GROUPS = 8;

/**
 * Sets an address and a port from `address:port`. The port follows the last colon. IPv6 addresses hold colons, too; they come
 * with brackets, which are removed, or without. Without a port all of it is the address. So is an IPv6 address without
 * brackets that would not be whole without its last group.
 */
export function setEndpoint(
  block: RowBlock,
  addressColumn: number,
  portColumn: number,
  start: number,
  end: number,
): void {
  const { bytes } = block;
  let colon = end - 1;
  while (colon >= start && bytes[colon]! - ZERO >= 0 && bytes[colon]! - ZERO <= 9) colon--;
  const digits = end - 1 - colon;
  const hasColon = colon > start && bytes[colon] === COLON && digits >= 1 && digits <= MAX_PORT_DIGITS;
  const hasPort = hasColon && !isCutAddress(bytes, start, colon);
  if (hasPort) block.setField(portColumn, colon + 1, end);
  const addressEnd = hasPort ? colon : end;
  const isBracketed = bytes[start] === OPENING_BRACKET && bytes[addressEnd - 1] === CLOSING_BRACKET;
  if (isBracketed) block.setField(addressColumn, start + 1, addressEnd - 1);
  else block.setField(addressColumn, start, addressEnd);
}

/** Whether a text is only the beginning of an IPv6 address without brackets. */
function isCutAddress(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === OPENING_BRACKET) return false;
  let groups = 1;
  let isShortened = false;
  for (let i = start; i < end; i++) {
    // A point before any colon: an address of IPv4, or a name.
    if (bytes[i] === POINT && groups++ === 1) return false;
    if (bytes[i] !== COLON) continue;
    groups++;
    if (i > start && bytes[i - 1] === COLON) isShortened = true;
  }
  if (groups === 1) return false;
  if (bytes[end - 1] === COLON) return bytes[end - 2] !== COLON;
  return !isShortened && groups < IPV6_GROUPS;
}
