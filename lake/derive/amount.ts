/** Money from prices and quantities, in whole units of a power of ten: exact, and never through a floating-point number. */

import { type Decimal, decimalOf, product, sum, unitsOf, zero } from "./decimal.ts";
import { parseExactly } from "./exact-json.ts";

const ONE: Decimal = { digits: 1n, scale: 0 };

/**
 * Price times quantity.
 *
 * @param quantity - Undefined where each price counts once.
 * @returns Whole units of `10^-decimals`, rounded once with halves away from zero; undefined when a text is not a number.
 */
export function amountOf(price: string, quantity: string | undefined, decimals: number): string | undefined {
  const total = timesOf(price, quantity);
  return total && unitsOf(total, decimals)?.toString();
}

function timesOf(price: string, quantity: string | undefined): Decimal | undefined {
  const [each, count] = [decimalOf(price), quantity === undefined ? ONE : decimalOf(quantity)];
  return each && count && product(each, count);
}

/** Keys of price and quantity in an item. */
interface ItemKeys {
  readonly price: string;
  readonly quantity?: string;
}

/**
 * The sum of price times quantity over the objects of a JSON array, rounded once, at the end. It is 0 without items.
 *
 * @param json - Numbers may be JSON numbers, whose digits count as they are written, or strings.
 * @returns Undefined when it is not an array of objects, or one of them lacks a number.
 */
export function itemsAmountOf(json: string, { price, quantity }: ItemKeys, decimals: number): string | undefined {
  const items = parsed(json);
  if (!Array.isArray(items)) return undefined;
  let total = zero;
  for (const item of items as unknown[]) {
    if (typeof item !== "object" || item === null) return undefined;
    const each = textMember(item, price);
    const count = quantity === undefined ? undefined : textMember(item, quantity);
    if (each === undefined || (quantity !== undefined && count === undefined)) return undefined;
    const times = timesOf(each, count);
    if (!times) return undefined;
    total = sum(total, times);
  }
  return unitsOf(total, decimals)?.toString();
}

function textMember(item: object, key: string): string | undefined {
  const value = Object.hasOwn(item, key) ? (item as Record<string, unknown>)[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The value of a JSON text; undefined when it is not JSON, or nested too deep. */
function parsed(json: string): unknown {
  try {
    return parseExactly(json);
  } catch {
    return undefined;
  }
}
