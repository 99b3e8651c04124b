import type { RowBatch } from "../columns/row-batch.ts";
import { COLON } from "./ascii.ts";

const ZERO = 0x30;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const MAX_PORT_DIGITS = 5;

/**
 * Sets an address and a port from `address:port`. The port is what follows the last colon: addresses of IPv6 hold colons
 * too and come with brackets, which are taken off, or without. Without a port all of it is the address.
 */
export function setEndpoint(
  batch: RowBatch,
  addressColumn: number,
  portColumn: number,
  start: number,
  end: number,
): void {
  const { bytes } = batch;
  let colon = end - 1;
  while (colon >= start && bytes[colon]! - ZERO >= 0 && bytes[colon]! - ZERO <= 9) colon--;
  const digits = end - 1 - colon;
  const hasPort = colon > start && bytes[colon] === COLON && digits >= 1 && digits <= MAX_PORT_DIGITS;
  if (hasPort) batch.setField(portColumn, colon + 1, end);
  const addressEnd = hasPort ? colon : end;
  const isBracketed = bytes[start] === OPENING_BRACKET && bytes[addressEnd - 1] === CLOSING_BRACKET;
  if (isBracketed) batch.setField(addressColumn, start + 1, addressEnd - 1);
  else batch.setField(addressColumn, start, addressEnd);
}
