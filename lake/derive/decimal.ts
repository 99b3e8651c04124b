/** A decimal number without rounding: `digits / 10^scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Longer texts are neither prices nor quantities. */
const MAX_CHARACTERS = 64;
const MAX_SCALE = 64;

export const zero: Decimal = { digits: 0n, scale: 0 };

/** Reads `12`, `-1.50`, `.5` or `1e-2`; undefined for any other text. */
export function decimalOf(text: string): Decimal | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (sign === undefined || whole + fraction === "") return undefined;
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > MAX_SCALE) return undefined;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

export function product(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

export function sum(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  const at = (x: Decimal) => x.digits * 10n ** BigInt(scale - x.scale);
  return { digits: at(a) + at(b), scale };
}

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * A number in units of `10^-decimals`: 1999 for 19.99 and 2. It is rounded, halves away from zero.
 *
 * @returns Undefined when an INT64 cannot hold it.
 */
export function unitsOf({ digits, scale }: Decimal, decimals: number): bigint | undefined {
  const shift = BigInt(scale - decimals);
  const units = shift <= 0n ? digits * 10n ** -shift : roundedQuotient(digits, 10n ** shift);
  return units > MAX_INT64 || units < -MAX_INT64 - 1n ? undefined : units;
}

function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return (dividend < 0n ? dividend - half : dividend + half) / divisor;
}
