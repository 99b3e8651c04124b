import type { Kernel } from "../../kernel/kernel.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import { columnFinder } from "../column-list.ts";
import { type KernelRecords, kernelJsonScanner } from "../json/json-kernel-scanner.ts";
import { columnsByKey } from "../json/record-reader.ts";
import { cloudfrontJson, NOTHING, openRecordScanner, otherKeys } from "./cloudfront-json.ts";

const columns = cloudfrontJson.columns();
const indexOf = columnFinder(columns);

const kernelRecords: KernelRecords = {
  columnOfKey: columnsByKey({ columns, otherKeys }),
  nothing: NOTHING,
  moments: [],
  day: {
    from: "parts",
    date: indexOf("date_text"),
    timeOfDay: indexOf("time_of_day"),
    joined: indexOf("time"),
    others: [indexOf("timestamp_ms"), indexOf("timestamp_text")],
  },
};

/** Opens the scanner of `cloudfront-json` that leaves ordinary records to the kernel. */
export function openCloudFrontJsonKernelScanner(kernel: Kernel): LogScanner {
  return kernelJsonScanner(kernel, kernelRecords, openRecordScanner());
}
