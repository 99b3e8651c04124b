/** Numbers as people read them: PDF, web page and e-mail all take their text from here, so they cannot differ. */

/** `1,234,567` */
export function countText(value: bigint | number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `12.34 %`. A share that is not nothing or not all never reads as 0.00 or 100.00. */
export function shareText(part: bigint, whole: bigint): string {
  if (whole === 0n) return "n/a";
  if (part === 0n) return "0 %";
  if (part === whole) return "100 %";
  // Hundredths of a percent, rounded half up, without ever leaving the integers.
  const hundredths = (part * 20_000n + whole) / (whole * 2n);
  if (hundredths === 0n) return "< 0.01 %";
  if (hundredths === 10_000n) return "> 99.99 %";
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")} %`;
}

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB"];

/** `1.23 GB`; a kB is 1,000 bytes. */
export function bytesText(value: bigint): string {
  let unit = 0;
  let scale = 1n;
  while (unit < byteUnits.length - 1 && value >= scale * 1000n) {
    scale *= 1000n;
    unit++;
  }
  if (unit === 0) return `${value} B`;
  const hundredths = (value * 200n + scale) / (scale * 2n);
  if (hundredths >= 100_000n && unit < byteUnits.length - 1) return `1.00 ${byteUnits[unit + 1]}`;
  return `${countText(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, "0")} ${byteUnits[unit]}`;
}

/** `850 µs`-sized times as `0.85 ms`, then `12 ms`, `1.234 s`, `2 min 5 s`. */
export function durationText(micros: bigint | null): string {
  if (micros === null) return "n/a";
  if (micros >= 60_000_000n) {
    const seconds = (micros + 500_000n) / 1_000_000n;
    return `${countText(seconds / 60n)} min ${seconds % 60n} s`;
  }
  if (micros >= 1_000_000n) return `${decimals(micros, 1_000_000, 3)} s`;
  return `${decimals(micros, 1000, 2)} ms`;
}

/** The number with at most this many decimals, without zeros at the end. */
function decimals(value: bigint, scale: number, digits: number): string {
  const text = (Number(value) / scale).toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
