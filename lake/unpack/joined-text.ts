/** Joins the texts of an archive's members, each of which may begin with a byte order mark. */

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const LINE_FEED = 0x0a;

/**
 * Joins texts. A byte order mark at the start of a later text is removed when a line starts there, as it does not belong to the
 * line. The mark of the whole text is left to the parser.
 */
export async function* joinTexts(
  texts: AsyncIterable<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let lastByte: number | undefined;
  for await (const text of texts) {
    for await (const bytes of lastByte === LINE_FEED ? withoutMark(text) : text) {
      if (bytes.length === 0) continue;
      lastByte = bytes.at(-1);
      yield bytes;
    }
  }
}

async function* withoutMark(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | undefined = new Uint8Array();
  try {
    for await (const bytes of text) {
      if (!head) {
        yield bytes;
        continue;
      }
      head = Buffer.concat([head, bytes]);
      if (head.length < BYTE_ORDER_MARK.length) continue;
      const hasMark = BYTE_ORDER_MARK.equals(head.subarray(0, BYTE_ORDER_MARK.length));
      yield hasMark ? head.subarray(BYTE_ORDER_MARK.length) : head;
      head = undefined;
    }
  } catch (error) {
    // Text comes before the error of an archive that breaks off here.
    if (head) yield head;
    throw error;
  }
  if (head) yield head;
}
