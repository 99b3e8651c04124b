/** The exports of the kernel: `kernel-exports.ts` declares them for the TypeScript around it. */
export { reserveDecoded, setSalt } from "./bytes";
export {
  append,
  closeColumn,
  heldBytes,
  numberTexts,
  openColumn,
  reserveCompressed,
  resetColumn,
  result,
  takeBounds,
  takeDictionary,
  takePage,
} from "./column";
export { hostValue } from "./host";
export { jsonLine, jsonRowBytes, jsonRowCount, scanJson, setJson } from "./json";
export { followJson, jsonFeeds, jsonFeedsBeforeCut } from "./json-frame";
export { give, take } from "./memory";
export { rowCount, scanAlb, scanTabs, setAlb, setBlock, setTabs } from "./scan";
export { snappy } from "./snappy";
