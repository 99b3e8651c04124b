/** CloudFront logs of a few fields, one record a second, numbered by their bytes. */
import { gzipSync } from "node:zlib";

export const HEADER =
  "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n";
export const record = (n: number, date = "2026-01-17") =>
  `${date}\t12:00:${String(n % 60).padStart(2, "0")}\tFRA2\t${n}\t192.0.2.7\tGET\td1.cloudfront.net\t/page/${n}\t200\n`;
export const log = (from: number, count: number, date?: string) =>
  gzipSync(HEADER + Array.from({ length: count }, (_, i) => record(from + i, date)).join(""));
