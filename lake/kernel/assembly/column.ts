/**
 * One column of one partition: numbers distinct texts, parses each once, encodes pages. It does what
 * `columns/reference/` does and gives the same bytes.
 */
import { NULL_LENGTH } from "../../rows/block-layout";
import {
  DECODING_BACKSLASH,
  DECODING_PERCENT,
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_DELTA_LENGTH_BYTE_ARRAY,
  ENCODING_PLAIN,
  ENCODING_RLE_DICTIONARY,
  KIND_BOOLEAN,
  KIND_DATE,
  KIND_DOUBLE,
  KIND_INT32,
  KIND_STRING,
  MAX_DICTIONARY_BYTES,
  MAX_DISTINCT_NUMBER_PERCENT,
  MAX_DISTINCT_TEXT_PERCENT,
  MIN_VALUES_TO_JUDGE,
  PAGE_BODY_AT,
  PAGE_BODY_LENGTH,
  PAGE_BOUNDS,
  PAGE_ENCODING,
  PAGE_HAS_BOUNDS,
  PAGE_LEVELS_AT,
  PAGE_LEVELS_LENGTH,
  PAGE_NULL_COUNT,
  PAGE_ROW_COUNT,
  PAGE_ROWS,
} from "../shared-numbers";
import {
  BACKSLASH,
  compare,
  copyText,
  decode,
  decodedText,
  firstBytes,
  hashLong,
  hashShort,
  isEqual,
  isSuspect,
  PERCENT,
} from "./bytes";
import { deltaBound, encodeDelta32, encodeDelta64, encodeTexts } from "./delta";
import { percentDecoded, repairText } from "./host";
import { encodeIds, encodeLevels, hybridBound, writeVarInt } from "./hybrid";
import { capacityFor, give, grow, take } from "./memory";
import { snappyBound } from "./snappy";
import { parse, parsed } from "./values";

const FIRST_SLOTS: u32 = 64;
const FIRST_ENTRIES: u32 = 32;
/** Size of an entry in `entries`: record u32, changed text u32 (offset + 1, or 0), value u64 (the prefix of a text). */
const ENTRY_SHIFT: u32 = 4;
/** A changed text in `changed` begins with its length, u32. */
const CHANGED_HEAD: u32 = 4;
/** A record in `records` begins with number u32 and length u32; then comes the text, padded to whole words. */
const RECORD_HEAD: u32 = 8;

@unmanaged
class Column {
  kind: i32 = 0;
  width: u32 = 0;
  escape: i32 = 0;
  isPlain: bool = false;
  startsPlain: bool = false;
  /** Whether values without a dictionary are written as differences. */
  isDelta: bool = false;
  pages: u32 = 0;
  dictionaryPages: u32 = 0;

  // The page: a level for each row, an id or a plain value for each value.
  rowCount: u32 = 0;
  valueCount: u32 = 0;
  rowCapacity: u32 = 0;
  levels: usize = 0;
  ids: usize = 0;
  plain: usize = 0;
  plainLength: u32 = 0;
  plainCapacity: u32 = 0;
  // Least and greatest text in `plain`: where they are and their prefixes.
  plainMin: u32 = 0;
  plainMax: u32 = 0;
  plainMinPrefix: u64 = 0;
  plainMaxPrefix: u64 = 0;

  // The dictionary: slots hold a hash in the upper and a record's place / 8 + 1 in the lower half.
  count: u32 = 0;
  slots: usize = 0;
  slotMask: u32 = 0;
  entries: usize = 0;
  entryCapacity: u32 = 0;
  records: usize = 0;
  recordsLength: u32 = 0;
  recordsCapacity: u32 = 0;
  textBytes: u32 = 0;
  // Texts that are not stored as they stand in the log.
  changed: usize = 0;
  changedLength: u32 = 0;
  changedCapacity: u32 = 0;
  /** Bytes by which they are longer than before, all together. */
  changedGain: i32 = 0;

  // Bounds of the pages so far.
  hasBounds: bool = false;
  min: i64 = 0;
  max: i64 = 0;
  minText: usize = 0;
  minLength: u32 = 0;
  minCapacity: u32 = 0;
  maxText: usize = 0;
  maxLength: u32 = 0;
  maxCapacity: u32 = 0;
}

/** Results of the last call beside its value, word by word. */
export const result: usize = memory.data(64);

/** Pages are encoded in one block and compressed to another. */
let outBlock: usize = 0;
let outCapacity: u32 = 0;
let compressedBlock: usize = 0;
let compressedCapacity: u32 = 0;

/** Makes room before anything is handed out: the memory must not move while the host looks at it. */
function reserveOut(bytes: u32): usize {
  if (bytes > outCapacity) {
    if (outCapacity) give(outBlock, outCapacity);
    outCapacity = capacityFor(1 << 16, bytes);
    outBlock = take(outCapacity);
  }
  reserveCompressed(bytes);
  return outBlock;
}

export function reserveCompressed(bytes: u32): usize {
  const needed = snappyBound(bytes);
  if (needed > compressedCapacity) {
    if (compressedCapacity) give(compressedBlock, compressedCapacity);
    compressedCapacity = capacityFor(1 << 16, needed);
    compressedBlock = take(compressedCapacity);
  }
  return compressedBlock;
}

export function openColumn(kind: i32, decoding: i32, isDelta: bool): usize {
  const at = take(offsetof<Column>());
  memory.fill(at, 0, offsetof<Column>());
  const c = changetype<Column>(at);
  c.kind = kind;
  c.width = kind == KIND_INT32 || kind == KIND_DATE ? 4 : kind == KIND_BOOLEAN ? 1 : 8;
  c.escape = decoding == DECODING_PERCENT ? PERCENT : decoding == DECODING_BACKSLASH ? BACKSLASH : 0;
  // Parquet has no dictionary of booleans.
  c.isPlain = kind == KIND_BOOLEAN;
  c.startsPlain = c.isPlain;
  c.isDelta = isDelta;
  c.slotMask = FIRST_SLOTS - 1;
  c.slots = take(FIRST_SLOTS << 3);
  memory.fill(c.slots, 0, FIRST_SLOTS << 3);
  c.entryCapacity = FIRST_ENTRIES;
  c.entries = take(FIRST_ENTRIES << ENTRY_SHIFT);
  c.recordsCapacity = 1024;
  c.records = take(1024);
  return at;
}

export function closeColumn(at: usize): void {
  const c = changetype<Column>(at);
  give(c.slots, (c.slotMask + 1) << 3);
  give(c.entries, c.entryCapacity << ENTRY_SHIFT);
  give(c.records, c.recordsCapacity);
  if (c.rowCapacity) {
    give(c.levels, c.rowCapacity + 8);
    give(c.ids, c.rowCapacity << 2);
  }
  if (c.plainCapacity) give(c.plain, c.plainCapacity);
  if (c.changedCapacity) give(c.changed, c.changedCapacity);
  if (c.minCapacity) give(c.minText, c.minCapacity);
  if (c.maxCapacity) give(c.maxText, c.maxCapacity);
  give(at, offsetof<Column>());
}

export function heldBytes(at: usize): u32 {
  const c = changetype<Column>(at);
  return 2 * c.textBytes + 32 * c.count + c.plainLength;
}

function clearDictionary(c: Column): void {
  if (c.count) memory.fill(c.slots, 0, (c.slotMask + 1) << 3);
  c.count = 0;
  c.recordsLength = 0;
  c.textBytes = 0;
}

export function resetColumn(at: usize): void {
  const c = changetype<Column>(at);
  clearDictionary(c);
  c.changedLength = 0;
  c.changedGain = 0;
  c.plainLength = 0;
  c.valueCount = 0;
  c.rowCount = 0;
  c.pages = 0;
  c.dictionaryPages = 0;
  c.isPlain = c.startsPlain;
  c.hasBounds = false;
}

function growSlots(c: Column): void {
  const oldCount = c.slotMask + 1;
  const slotCount = oldCount << 1;
  const slots = take(slotCount << 3);
  memory.fill(slots, 0, slotCount << 3);
  const mask = slotCount - 1;
  for (let i: u32 = 0; i < oldCount; i++) {
    const slot = load<u64>(c.slots + (i << 3));
    if (<u32>slot == 0) continue;
    let at = <u32>(slot >> 32) & mask;
    while (load<u32>(slots + (at << 3))) at = (at + 1) & mask;
    store<u64>(slots + (at << 3), slot);
  }
  give(c.slots, oldCount << 3);
  c.slots = slots;
  c.slotMask = mask;
}

function reserveRows(c: Column, more: u32): void {
  const needed = c.rowCount + more;
  if (needed <= c.rowCapacity) return;
  const capacity = min<u32>(PAGE_ROWS, max(needed, c.rowCapacity ? 2 * c.rowCapacity : 256));
  c.levels = grow(c.levels, c.rowCapacity ? c.rowCapacity + 8 : 0, c.rowCount, capacity + 8);
  c.ids = grow(c.ids, c.rowCapacity << 2, c.valueCount << 2, capacity << 2);
  c.rowCapacity = capacity;
}

function reservePlain(c: Column, more: u32): void {
  const needed = c.plainLength + more + 64;
  if (needed <= c.plainCapacity) return;
  const capacity = capacityFor(c.plainCapacity, needed);
  c.plain = grow(c.plain, c.plainCapacity, c.plainLength, capacity);
  c.plainCapacity = capacity;
}

/** The rows, counted from the first of the block, whose text the column could not hold. */
let invalidRows: usize = 0;
let invalidCount: u32 = 0;

/**
 * Takes the fields of rows. `fields` has a start and a length for each row of the block.
 *
 * @returns How many fields could not be typed; `result` says where their rows are.
 */
export function append(at: usize, fields: usize, startRow: u32, endRow: u32): u32 {
  const c = changetype<Column>(at);
  if (!invalidRows) invalidRows = take(PAGE_ROWS << 2);
  invalidCount = 0;
  reserveRows(c, endRow - startRow);
  if (c.isPlain) {
    if (c.kind == KIND_STRING) appendTexts(c, fields, startRow, endRow);
    else appendValues(c, fields, startRow, endRow);
  } else appendIds(c, fields, startRow, endRow);
  store<u32>(result, <u32>invalidRows);
  return invalidCount;
}

/**
 * Numbers the texts of a block's rows by the column's dictionary, and makes no page of them. `result` gets where the numbers
 * are, one for each text, and the bytes of all texts in the dictionary.
 *
 * @returns How many texts the dictionary has.
 */
export function numberTexts(at: usize, fields: usize, rows: u32): u32 {
  const c = changetype<Column>(at);
  reserveRows(c, rows);
  appendIds(c, fields, 0, rows);
  c.rowCount = 0;
  c.valueCount = 0;
  store<u32>(result, <u32>c.ids);
  store<u32>(result, c.textBytes, 4);
  return c.count;
}

// @ts-ignore: decorator
@inline
function addInvalid(row: u32, length: u32): void {
  // An empty text where a number should be is not kept.
  if (length) store<u32>(invalidRows + (invalidCount++ << 2), row);
}

/** Rows whose lookups overlap: one waits for memory while others compute. */
const STRIPE_ROWS: u32 = 32;
const stripeHashes: usize = memory.data(32 * 4);
const stripeSlots: usize = memory.data(32 * 8);
let touched: u32 = 0;

// @ts-ignore: decorator
@inline
function isRecord(record: usize, start: usize, length: u32): bool {
  return load<u32>(record, 4) == length && isEqual(record + RECORD_HEAD, start, length);
}

/** Whether all fields of a stripe are null, as they are in most rows of many columns. */
// @ts-ignore: decorator
@inline
function areNull(stripe: usize, count: u32): bool {
  let all: u64 = load<u64>(stripe);
  for (let i: u32 = 1; i < count; i++) all &= load<u64>(stripe + (i << 3));
  return <i32>(all >> 32) == NULL_LENGTH;
}

function appendIds(c: Column, fields: usize, startRow: u32, endRow: u32): void {
  const ids = c.ids;
  const levels = c.levels;
  let rowCount = c.rowCount;
  let valueCount = c.valueCount;
  let touch: u32 = 0;
  for (let stripeStart = startRow; stripeStart < endRow; stripeStart += STRIPE_ROWS) {
    const stripeCount = min<u32>(STRIPE_ROWS, endRow - stripeStart);
    const stripe = fields + (stripeStart << 3);
    if (areNull(stripe, stripeCount)) {
      // There is room for whole vectors behind the levels.
      v128.store(levels + rowCount, i8x16.splat(0));
      v128.store(levels + rowCount, i8x16.splat(0), 16);
      rowCount += stripeCount;
      continue;
    }
    const slots = c.slots;
    const mask = c.slotMask;
    // First all hashes, then all slots, then all records: the loads of a step do not wait for each other, and the shorter
    // a step, the more of them are on their way at a time.
    for (let i: u32 = 0; i < stripeCount; i++) {
      const field = load<u64>(stripe + (i << 3));
      const length = <i32>(field >> 32);
      const start = <usize>(<u32>field);
      let hash: u32 = 0;
      if (<u32>length <= 8) hash = hashShort(start, length);
      else if (length != NULL_LENGTH) hash = hashLong(start, length);
      store<u32>(stripeHashes + (i << 2), hash);
    }
    for (let i: u32 = 0; i < stripeCount; i++) {
      const slot = load<u32>(stripeHashes + (i << 2)) & mask;
      store<u64>(stripeSlots + (i << 3), load<u64>(slots + (slot << 3)));
    }
    if (c.recordsLength > 65536) {
      const records = c.records - 8;
      for (let i: u32 = 0; i < stripeCount; i++) {
        const place = load<u32>(stripeSlots + (i << 3));
        if (place) touch += load<u32>(records + (<usize>place << 3), RECORD_HEAD);
      }
    }
    for (let i: u32 = 0; i < stripeCount; i++) {
      const field = load<u64>(stripe + (i << 3));
      const length = <i32>(field >> 32);
      if (length == NULL_LENGTH) {
        store<u8>(levels + rowCount++, 0);
        continue;
      }
      const start = <usize>(<u32>field);
      const hash = load<u32>(stripeHashes + (i << 2));
      const slot = load<u64>(stripeSlots + (i << 3));
      let id: i32 = -1;
      if (<u32>slot != 0 && <u32>(slot >> 32) == hash) {
        const record = c.records - 8 + (<usize>(<u32>slot) << 3);
        if (isRecord(record, start, length)) id = load<i32>(record);
      }
      if (id < 0) {
        id = lookUp(c, start, length, hash);
        if (id < 0) {
          addInvalid(stripeStart + i, length);
          store<u8>(levels + rowCount++, 0);
          continue;
        }
      }
      store<u32>(ids + (valueCount << 2), id);
      valueCount++;
      store<u8>(levels + rowCount++, 1);
    }
  }
  touched += touch;
  c.rowCount = rowCount;
  c.valueCount = valueCount;
}

/** The id of a text, which is added if it is new; -1 when the column cannot hold it. */
function lookUp(c: Column, start: usize, length: u32, hash: u32): i32 {
  let at = hash & c.slotMask;
  while (true) {
    const slot = load<u64>(c.slots + (at << 3));
    if (<u32>slot == 0) break;
    if (<u32>(slot >> 32) == hash) {
      const record = c.records - 8 + (<usize>(<u32>slot) << 3);
      if (isRecord(record, start, length)) return load<i32>(record);
    }
    at = (at + 1) & c.slotMask;
  }
  return add(c, start, length, hash, at);
}

function add(c: Column, start: usize, length: u32, hash: u32, slot: u32): i32 {
  const isText = c.kind == KIND_STRING;
  if (!isText && !parse(c.kind, start, length)) return -1;
  const id = c.count;
  if (id == c.entryCapacity) {
    const used = c.entryCapacity << ENTRY_SHIFT;
    c.entries = grow(c.entries, used, used, used << 1);
    c.entryCapacity <<= 1;
  }
  const recordBytes = RECORD_HEAD + ((length + 7) & ~7);
  if (c.recordsLength + recordBytes + 16 > c.recordsCapacity) {
    const capacity = capacityFor(c.recordsCapacity, c.recordsLength + recordBytes + 16);
    c.records = grow(c.records, c.recordsCapacity, c.recordsLength, capacity);
    c.recordsCapacity = capacity;
  }
  const record = c.records + c.recordsLength;
  store<u32>(record, id);
  store<u32>(record, length, 4);
  store<u64>(record + RECORD_HEAD + (length & ~7), 0);
  memory.copy(record + RECORD_HEAD, start, length);
  const entry = c.entries + (id << ENTRY_SHIFT);
  store<u32>(entry, c.recordsLength);
  store<u32>(entry, 0, 4);
  if (!isText) store<i64>(entry, parsed, 8);
  else {
    store<u64>(entry, prefixOf(start, length), 8);
    if (isSuspect(start, length, c.escape)) addChanged(c, entry, start, length);
  }
  store<u64>(c.slots + (slot << 3), (<u64>hash << 32) | ((c.recordsLength >> 3) + 1));
  c.recordsLength += recordBytes;
  c.textBytes += length;
  c.count = id + 1;
  if (c.count * 5 > (c.slotMask + 1) * 3) growSlots(c);
  return id;
}

/** Makes the text to store of one that may have escapes or foreign bytes. Its length, at `decodedText()`; -1 if it is the same. */
function storedText(c: Column, start: usize, length: u32): i32 {
  let hasEscape = false;
  for (let i: u32 = 0; c.escape && i < length; i++) {
    if (load<u8>(start + i) == <u8>c.escape) {
      hasEscape = true;
      break;
    }
  }
  if (!hasEscape) return repairText(start, length);
  const decodedLength = decode(start, length, c.escape);
  const text = decodedText();
  if (!isSuspect(text, decodedLength, 0)) return decodedLength;
  // Which escapes are to be undone depends on their neighbours.
  if (c.escape == PERCENT) return percentDecoded(start, length);
  const repaired = repairText(text, decodedLength);
  return repaired < 0 ? decodedLength : repaired;
}

function addChanged(c: Column, entry: usize, start: usize, length: u32): void {
  const stored = storedText(c, start, length);
  if (stored < 0) return;
  const needed = c.changedLength + CHANGED_HEAD + stored + 64;
  if (needed > c.changedCapacity) {
    const capacity = capacityFor(c.changedCapacity, needed);
    c.changed = grow(c.changed, c.changedCapacity, c.changedLength, capacity);
    c.changedCapacity = capacity;
  }
  const at = c.changed + c.changedLength;
  store<u32>(at, stored);
  copyText(at + CHANGED_HEAD, decodedText(), stored);
  store<u32>(entry, c.changedLength + 1, 4);
  store<u64>(entry, prefixOf(decodedText(), stored), 8);
  c.changedLength += CHANGED_HEAD + stored;
  c.changedGain += stored - <i32>length;
}

function appendTexts(c: Column, fields: usize, startRow: u32, endRow: u32): void {
  const levels = c.levels;
  let rowCount = c.rowCount;
  for (let row = startRow; row < endRow; row++) {
    const field = load<u64>(fields + (row << 3));
    const length = <i32>(field >> 32);
    if (length == NULL_LENGTH) {
      store<u8>(levels + rowCount++, 0);
      continue;
    }
    const start = <usize>(<u32>field);
    const stored = isSuspect(start, length, c.escape) ? storedText(c, start, length) : -1;
    if (stored < 0) addPlainText(c, start, length);
    else addPlainText(c, decodedText(), stored);
    store<u8>(levels + rowCount++, 1);
    c.valueCount++;
  }
  c.rowCount = rowCount;
}

function addPlainText(c: Column, start: usize, length: u32): void {
  reservePlain(c, length + 4);
  const at = c.plain + c.plainLength;
  store<u32>(at, length);
  copyText(at + 4, start, length);
  const prefix = prefixOf(start, length);
  if (c.plainLength == 0) {
    c.plainMin = 0;
    c.plainMax = 0;
    c.plainMinPrefix = prefix;
    c.plainMaxPrefix = prefix;
  } else if (prefix <= c.plainMinPrefix && isPlainLess(c, c.plainLength, c.plainMin)) {
    c.plainMin = c.plainLength;
    c.plainMinPrefix = prefix;
  } else if (prefix >= c.plainMaxPrefix && isPlainLess(c, c.plainMax, c.plainLength)) {
    c.plainMax = c.plainLength;
    c.plainMaxPrefix = prefix;
  }
  c.plainLength += length + 4;
}

/** Compares two texts in `plain`. */
function isPlainLess(c: Column, a: u32, b: u32): bool {
  return compare(c.plain + a + 4, load<u32>(c.plain + a), c.plain + b + 4, load<u32>(c.plain + b)) < 0;
}

/** The first eight bytes of a text as a number: texts are in the order of their prefixes, where these differ. */
// @ts-ignore: decorator
@inline
function prefixOf(text: usize, length: u32): u64 {
  return bswap<u64>(length >= 8 ? load<u64>(text) : firstBytes(text, length));
}

// @ts-ignore: decorator
@inline
function storeValue(at: usize, width: u32, value: i64): void {
  if (width == 8) store<i64>(at, value);
  else if (width == 4) store<i32>(at, <i32>value);
  else store<u8>(at, <u8>value);
}

// @ts-ignore: decorator
@inline
function loadValue(at: usize, width: u32): i64 {
  return width == 8 ? load<i64>(at) : width == 4 ? <i64>load<i32>(at) : <i64>load<u8>(at);
}

function appendValues(c: Column, fields: usize, startRow: u32, endRow: u32): void {
  const levels = c.levels;
  const width = c.width;
  let rowCount = c.rowCount;
  reservePlain(c, (endRow - startRow) << 3);
  let at = c.plain + c.plainLength;
  for (let row = startRow; row < endRow; row++) {
    const field = load<u64>(fields + (row << 3));
    const length = <i32>(field >> 32);
    if (length == NULL_LENGTH) {
      store<u8>(levels + rowCount++, 0);
      continue;
    }
    if (!parse(c.kind, <usize>(<u32>field), length)) {
      addInvalid(row, length);
      store<u8>(levels + rowCount++, 0);
      continue;
    }
    storeValue(at, width, parsed);
    at += width;
    store<u8>(levels + rowCount++, 1);
    c.valueCount++;
  }
  c.plainLength = <u32>(at - c.plain);
  c.rowCount = rowCount;
}

function keepBound(block: usize, capacity: u32, start: usize, length: u32): usize {
  const kept = length > capacity ? grow(block, capacity, 0, capacityFor(64, length)) : block;
  memory.copy(kept, start, length);
  return kept;
}

function setMin(c: Column, start: usize, length: u32): void {
  c.minText = keepBound(c.minText, c.minCapacity, start, length);
  if (length > c.minCapacity) c.minCapacity = capacityFor(64, length);
  c.minLength = length;
}

function setMax(c: Column, start: usize, length: u32): void {
  c.maxText = keepBound(c.maxText, c.maxCapacity, start, length);
  if (length > c.maxCapacity) c.maxCapacity = capacityFor(64, length);
  c.maxLength = length;
}

function boundText(c: Column, start: usize, length: u32): void {
  if (!c.hasBounds) {
    c.hasBounds = true;
    setMin(c, start, length);
    setMax(c, start, length);
    return;
  }
  if (compare(start, length, c.minText, c.minLength) < 0) setMin(c, start, length);
  else if (compare(start, length, c.maxText, c.maxLength) > 0) setMax(c, start, length);
}

// @ts-ignore: decorator
@inline
function entryText(c: Column, id: u32): usize {
  const entry = c.entries + (id << ENTRY_SHIFT);
  const changed = load<u32>(entry, 4);
  return changed ? c.changed + changed - 1 + CHANGED_HEAD : c.records + load<u32>(entry) + RECORD_HEAD;
}

// @ts-ignore: decorator
@inline
function entryLength(c: Column, id: u32): u32 {
  const entry = c.entries + (id << ENTRY_SHIFT);
  const changed = load<u32>(entry, 4);
  return changed ? load<u32>(c.changed + changed - 1) : load<u32>(c.records + load<u32>(entry), 4);
}

function dictionaryByteLength(c: Column): u32 {
  return c.kind == KIND_STRING ? c.textBytes + c.changedGain + 4 * c.count : c.count * c.width;
}

/** Gives the dictionary up, after the first page, where values hardly repeat. */
function judgeDictionary(c: Column): void {
  if (c.isPlain || c.pages > 0 || c.valueCount <= <u32>MIN_VALUES_TO_JUDGE) return;
  const percent: u32 = c.kind == KIND_STRING ? MAX_DISTINCT_TEXT_PERCENT : MAX_DISTINCT_NUMBER_PERCENT;
  if (c.count * 100 <= c.valueCount * percent) return;
  for (let i: u32 = 0; i < c.valueCount; i++) {
    const id = load<u32>(c.ids + (i << 2));
    if (c.kind == KIND_STRING) addPlainText(c, entryText(c, id), entryLength(c, id));
    else {
      reservePlain(c, 8);
      storeValue(c.plain + c.plainLength, c.width, load<i64>(c.entries + (id << ENTRY_SHIFT), 8));
      c.plainLength += c.width;
    }
  }
  clearDictionary(c);
  c.changedLength = 0;
  c.changedGain = 0;
  c.isPlain = true;
  c.startsPlain = true;
}

/**
 * Encodes the rows since the page before. `result` gets the words that `shared-numbers.ts` lists.
 */
export function takePage(at: usize): void {
  const c = changetype<Column>(at);
  judgeDictionary(c);
  const rowCount = c.rowCount;
  const valueCount = c.valueCount;
  const usesDictionary = !c.isPlain && valueCount > 0;
  store<u32>(result, 0, PAGE_HAS_BOUNDS << 2);
  if (valueCount) {
    if (c.kind == KIND_STRING) boundTexts(c);
    else boundPage(c);
  }
  const isDelta = c.isDelta && !usesDictionary && valueCount > 0 && c.kind != KIND_DOUBLE && c.kind != KIND_BOOLEAN;
  let bodyBytes: u32 = 0;
  if (usesDictionary) bodyBytes = hybridBound(valueCount, 32);
  else if (isDelta) bodyBytes = deltaBound(valueCount) + (c.kind == KIND_STRING ? c.plainLength : 0);
  else if (c.kind == KIND_BOOLEAN) bodyBytes = c.plainLength;
  const out = reserveOut(hybridBound(rowCount, 1) + bodyBytes + 128);
  // Plain pages are compressed where they are.
  reserveCompressed(c.plainLength);
  let top = out;
  if (valueCount == rowCount || valueCount == 0) {
    top = writeVarInt(top, rowCount << 1);
    store<u8>(top++, valueCount ? 1 : 0);
  } else top = encodeLevels(c.levels, rowCount, top);
  const levelsLength = <u32>(top - out);
  let encoding = ENCODING_PLAIN;
  let body = top;
  if (usesDictionary) {
    encoding = ENCODING_RLE_DICTIONARY;
    const bitWidth = 32 - <u32>clz<u32>(greatestOf(c.ids, valueCount));
    store<u8>(top++, <u8>bitWidth);
    top = encodeIds(c.ids, valueCount, bitWidth, top);
  } else if (c.kind == KIND_BOOLEAN) top = packBooleans(c, top);
  else if (isDelta && c.kind == KIND_STRING) {
    encoding = ENCODING_DELTA_LENGTH_BYTE_ARRAY;
    top = encodeTexts(c.plain, valueCount, top);
  } else if (isDelta) {
    encoding = ENCODING_DELTA_BINARY_PACKED;
    top = c.width == 4 ? encodeDelta32(c.plain, valueCount, top) : encodeDelta64(c.plain, valueCount, top);
  } else {
    body = c.plain;
    top = body + c.plainLength;
  }
  store<u32>(result, encoding, PAGE_ENCODING << 2);
  store<u32>(result, rowCount, PAGE_ROW_COUNT << 2);
  store<u32>(result, rowCount - valueCount, PAGE_NULL_COUNT << 2);
  store<u32>(result, <u32>out, PAGE_LEVELS_AT << 2);
  store<u32>(result, levelsLength, PAGE_LEVELS_LENGTH << 2);
  store<u32>(result, <u32>body, PAGE_BODY_AT << 2);
  store<u32>(result, <u32>(top - body), PAGE_BODY_LENGTH << 2);
  c.rowCount = 0;
  c.valueCount = 0;
  c.plainLength = 0;
  c.pages++;
  if (usesDictionary) {
    c.dictionaryPages++;
    if (dictionaryByteLength(c) > <u32>MAX_DICTIONARY_BYTES) c.isPlain = true;
  }
}

function packBooleans(c: Column, top: usize): usize {
  let word: u32 = 0;
  let bits: u32 = 0;
  for (let i: u32 = 0; i < c.valueCount; i++) {
    word |= <u32>load<u8>(c.plain + i) << bits;
    if (++bits == 8) {
      store<u8>(top++, <u8>word);
      word = 0;
      bits = 0;
    }
  }
  if (bits) store<u8>(top++, <u8>word);
  return top;
}

function greatestOf(ids: usize, count: u32): u32 {
  let four = i32x4.splat(0);
  let i: u32 = 0;
  for (; i + 4 <= count; i += 4) four = i32x4.max_u(four, v128.load(ids + (i << 2)));
  let greatest = max(
    max<u32>(i32x4.extract_lane(four, 0), i32x4.extract_lane(four, 1)),
    max<u32>(i32x4.extract_lane(four, 2), i32x4.extract_lane(four, 3)),
  );
  for (; i < count; i++) greatest = max(greatest, load<u32>(ids + (i << 2)));
  return greatest;
}

/** A byte for each text of a dictionary: whether the page has it. */
let marks: usize = 0;
let marksCapacity: u32 = 0;

function markTexts(c: Column): void {
  // Eight marks are looked at at a time.
  const length = (c.count + 7) & ~7;
  if (length > marksCapacity) {
    if (marksCapacity) give(marks, marksCapacity);
    marksCapacity = capacityFor(4096, length);
    marks = take(marksCapacity);
  }
  memory.fill(marks, 0, length);
  for (let i: u32 = 0; i < c.valueCount; i++) store<u8>(marks + load<u32>(c.ids + (i << 2)), 1);
}

/** Least and greatest text of the page, to `result` as addresses and lengths, and to those of the column. */
function boundTexts(c: Column): void {
  let least: usize = c.plain + c.plainMin + 4;
  let leastLength: u32 = 0;
  let greatest: usize = c.plain + c.plainMax + 4;
  let greatestLength: u32 = 0;
  if (c.isPlain) {
    leastLength = load<u32>(least - 4);
    greatestLength = load<u32>(greatest - 4);
  } else {
    let minId: i32 = -1;
    let maxId: i32 = -1;
    let minPrefix: u64 = u64.MAX_VALUE;
    let maxPrefix: u64 = 0;
    markTexts(c);
    for (let eight: u32 = 0; eight < c.count; eight += 8) {
      let seen = load<u64>(marks + eight);
      while (seen) {
        const id = eight + (<u32>ctz(seen) >> 3);
        seen &= seen - 1;
        const prefix = load<u64>(c.entries + (id << ENTRY_SHIFT), 8);
        if (prefix <= minPrefix && (minId < 0 || prefix < minPrefix || compareEntries(c, id, minId) < 0)) {
          minId = id;
          minPrefix = prefix;
        }
        if (prefix >= maxPrefix && (maxId < 0 || prefix > maxPrefix || compareEntries(c, id, maxId) > 0)) {
          maxId = id;
          maxPrefix = prefix;
        }
      }
    }
    least = entryText(c, minId);
    leastLength = entryLength(c, minId);
    greatest = entryText(c, maxId);
    greatestLength = entryLength(c, maxId);
  }
  boundText(c, least, leastLength);
  boundText(c, greatest, greatestLength);
  store<u32>(result, 1, PAGE_HAS_BOUNDS << 2);
  store<u32>(result, <u32>least, PAGE_BOUNDS << 2);
  store<u32>(result, leastLength, (PAGE_BOUNDS + 1) << 2);
  store<u32>(result, <u32>greatest, (PAGE_BOUNDS + 2) << 2);
  store<u32>(result, greatestLength, (PAGE_BOUNDS + 3) << 2);
}

function compareEntries(c: Column, a: u32, b: u32): i32 {
  return compare(entryText(c, a), entryLength(c, a), entryText(c, b), entryLength(c, b));
}

// @ts-ignore: decorator
@inline
function pageValue(c: Column, i: u32): i64 {
  return c.isPlain
    ? loadValue(c.plain + i * c.width, c.width)
    : load<i64>(c.entries + (load<u32>(c.ids + (i << 2)) << ENTRY_SHIFT), 8);
}

/** Least and greatest value of the page, to `result` and to those of the column. */
function boundPage(c: Column): void {
  const isDouble = c.kind == KIND_DOUBLE;
  let least = pageValue(c, 0);
  let greatest = least;
  for (let i: u32 = 1; i < c.valueCount; i++) {
    const value = pageValue(c, i);
    if (isDouble) {
      if (reinterpret<f64>(value) < reinterpret<f64>(least)) least = value;
      if (reinterpret<f64>(value) > reinterpret<f64>(greatest)) greatest = value;
    } else {
      least = min(least, value);
      greatest = max(greatest, value);
    }
  }
  store<u32>(result, 1, PAGE_HAS_BOUNDS << 2);
  store<i64>(result, least, PAGE_BOUNDS << 2);
  store<i64>(result, greatest, (PAGE_BOUNDS + 2) << 2);
  if (!c.hasBounds) {
    c.hasBounds = true;
    c.min = least;
    c.max = greatest;
  } else if (isDouble) {
    if (reinterpret<f64>(least) < reinterpret<f64>(c.min)) c.min = least;
    if (reinterpret<f64>(greatest) > reinterpret<f64>(c.max)) c.max = greatest;
  } else {
    c.min = min(c.min, least);
    c.max = max(c.max, greatest);
  }
}

/** Encodes the dictionary where a page uses it. Returns its number of values; `result` gets where it is and its length. */
export function takeDictionary(at: usize): u32 {
  const c = changetype<Column>(at);
  if (!c.dictionaryPages) return 0;
  const out = reserveOut(dictionaryByteLength(c) + 128);
  let top = out;
  for (let id: u32 = 0; id < c.count; id++) {
    if (c.kind == KIND_STRING) {
      const length = entryLength(c, id);
      store<u32>(top, length);
      copyText(top + 4, entryText(c, id), length);
      top += 4 + length;
    } else {
      storeValue(top, c.width, load<i64>(c.entries + (id << ENTRY_SHIFT), 8));
      top += c.width;
    }
  }
  store<u32>(result, <u32>out);
  store<u32>(result, <u32>(top - out), 4);
  return c.count;
}

/** Puts the bounds of all values into `result`: addresses and lengths of texts, other values as they are. 0 when there are none. */
export function takeBounds(at: usize): u32 {
  const c = changetype<Column>(at);
  if (c.kind == KIND_STRING) {
    store<u32>(result, <u32>c.minText);
    store<u32>(result, c.minLength, 4);
    store<u32>(result, <u32>c.maxText, 8);
    store<u32>(result, c.maxLength, 12);
  } else {
    store<i64>(result, c.min);
    store<i64>(result, c.max, 8);
  }
  return c.hasBounds ? 1 : 0;
}
