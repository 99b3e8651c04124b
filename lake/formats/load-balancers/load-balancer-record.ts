/** The common part of the records of all load balancers: an ISO time, `-` for null, `-1` for no duration, endpoints. */
import { isTimeOfDay } from "../../rows/calendar.ts";
import type { RejectReason } from "../../rows/rejection.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import { ascii, latin1, MINUS } from "../ascii.ts";
import { instantText } from "../instant.ts";
import { setEndpoint } from "./endpoint.ts";
import type { QuotedFields } from "./quoted-fields.ts";

const DATE_LENGTH = "YYYY-MM-DD".length;
const SECONDS_LENGTH = "YYYY-MM-DDTHH:MM:SS".length;
const TIME_OF_DAY_OFFSET = "YYYY-MM-DDT".length;

/** The zone of a time that is not in UTC. Load balancers do not write it; a program on the way may. */
const ZONE = /[+-]\d\d:?\d\d$/;
const ZONE_LENGTH = "+00:00".length;
const UPPER_Z = 0x5a;

/**
 * Begins the row of a record.
 *
 * @param fewestFields - A shorter record was cut, so its last field may be too.
 * @returns Why it is rejected; undefined when it is a record.
 */
export function startRecord(
  block: RowBlock,
  fields: QuotedFields,
  timeField: number,
  fewestFields: number,
): RejectReason | undefined {
  const { starts, ends, count } = fields;
  if (count <= timeField) return "TOO_FEW_FIELDS";
  if (block.bytes[ends[timeField]! - 1] !== UPPER_Z) setInUtc(block, fields, timeField);
  const time = starts[timeField]!;
  const timeLength = ends[timeField]! - time;
  block.startRow();
  if (timeLength < DATE_LENGTH || !block.setDay(time)) return "INVALID_DATE";
  if (timeLength < SECONDS_LENGTH || !isTimeOfDay(block.bytes, time + TIME_OF_DAY_OFFSET)) return "INVALID_TIME";
  return count < fewestFields ? "TOO_FEW_FIELDS" : undefined;
}

function setInUtc(block: RowBlock, { starts, ends }: QuotedFields, timeField: number): void {
  const end = ends[timeField]!;
  if (end - starts[timeField]! <= SECONDS_LENGTH || !ZONE.test(latin1(block.bytes, end - ZONE_LENGTH, end))) return;
  const instant = instantText(latin1(block.bytes, starts[timeField]!, end));
  if (!instant) return;
  starts[timeField] = block.addText(ascii(instant));
  ends[timeField] = starts[timeField]! + instant.length;
}

/** A range without fields. */
const NO_DURATIONS = { first: 0, last: -1 };

/**
 * Sets the columns of the fields as they stand, and keeps surplus fields.
 *
 * @param durations - Fields where `-1` stands for "no time": the connection ended before, or nobody answered.
 */
export function setFields(
  block: RowBlock,
  fields: QuotedFields,
  columnOfField: Int32Array,
  durations: { readonly first: number; readonly last: number } = NO_DURATIONS,
): void {
  const { bytes } = block;
  const { starts, ends } = fields;
  const known = Math.min(fields.count, columnOfField.length);
  for (let field = 0; field < known; field++) {
    if (fields.isDash(bytes, field)) continue;
    const start = starts[field]!;
    const isNoDuration = field >= durations.first && field <= durations.last && bytes[start] === MINUS;
    if (!isNoDuration) block.setField(columnOfField[field]!, start, ends[field]!);
  }
  fields.keepSurplus(block, columnOfField.length);
}

/** Splits an `address:port` field. */
export function setEndpointField(
  block: RowBlock,
  fields: QuotedFields,
  field: number,
  addressColumn: number,
  portColumn: number,
): void {
  if (!fields.isDash(block.bytes, field))
    setEndpoint(block, addressColumn, portColumn, fields.starts[field]!, fields.ends[field]!);
}
