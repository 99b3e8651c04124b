/**
 * Makes a failing text small: leaves out lines, then bytes, as long as it still fails.
 *
 * @param parts - The text, in pieces that make sense to leave out.
 * @param fails - Whether a text still shows the failure.
 * @see https://www.st.cs.uni-saarland.de/papers/tse2002/tse2002.pdf Delta debugging.
 */
export async function shrink(
  parts: readonly Uint8Array[],
  fails: (text: Uint8Array) => Promise<boolean>,
  maxTries = 3000,
): Promise<Uint8Array> {
  let triesLeft = maxTries;
  const reduce = async (items: readonly Uint8Array[]) => {
    let kept = items;
    for (let size = Math.ceil(kept.length / 2); size >= 1 && kept.length > 1; ) {
      let isSmaller = false;
      for (let at = 0; at < kept.length && triesLeft > 0; ) {
        const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
        triesLeft--;
        if (fewer.length > 0 && (await fails(Buffer.concat(fewer)))) {
          kept = fewer;
          isSmaller = true;
        } else at += size;
      }
      if (size === 1 && !isSmaller) break;
      size = size > 1 ? Math.ceil(size / 2) : 1;
      if (triesLeft <= 0) break;
    }
    return kept;
  };
  const text = Buffer.concat(await reduce(parts));
  const bytes = Array.from(text, (_, i) => text.subarray(i, i + 1));
  return bytes.length <= 20_000 ? Buffer.concat(await reduce(bytes)) : text;
}
