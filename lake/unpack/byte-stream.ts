/**
 * Looks at the first bytes of a stream.
 *
 * @returns The first `byteCount` bytes, or fewer at the end of the stream; the whole stream, from its first byte; and a function
 *   that closes it early.
 */
export async function withHead(
  stream: AsyncIterable<Uint8Array>,
  byteCount: number,
): Promise<{ head: Uint8Array; bytes: AsyncIterable<Uint8Array>; close: () => Promise<void> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < byteCount) {
    const { value, done } = await iterator.next();
    if (done) break;
    taken.push(value);
    length += value.length;
  }
  return {
    head: Buffer.concat(taken).subarray(0, byteCount),
    bytes: rest(taken, iterator),
    close: async () => {
      await iterator.return?.();
    },
  };
}

async function* rest(taken: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* taken;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    // A reader that stops early closes the connection, too.
    await iterator.return?.();
  }
}
