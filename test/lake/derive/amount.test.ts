import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf, itemsAmountOf } from "../../../lake/derive/amount.ts";
import { decimalOf } from "../../../lake/derive/decimal.ts";

describe("decimalOf", () => {
  it.each([
    ["12", 12n, 0],
    ["-1.50", -150n, 2],
    ["+.5", 5n, 1],
    ["5.", 5n, 0],
    ["1.5e3", 1500n, 0],
    ["1e-2", 1n, 2],
    ["9007199254740993.01", 900719925474099301n, 2],
  ])("reads %s", (text, digits, scale) => {
    expect(decimalOf(text)).toEqual({ digits, scale });
  });

  it.each(["", ".", "-", "1,5", "€5", "1e", "0x1", "NaN", "1e999", " 1", "1".repeat(65)])("refuses %j", (text) => {
    expect(decimalOf(text)).toBeUndefined();
  });
});

describe("amountOf", () => {
  it.each([
    // 0.1 + 0.2, 1.005 and 4.35 * 100 are what floating point gets wrong.
    ["4.35", "100", 2, "43500"],
    ["1.005", undefined, 2, "101"],
    ["-1.005", undefined, 2, "-101"],
    ["1.0049999", undefined, 2, "100"],
    ["19.99", "3", 2, "5997"],
    ["0.333", "3", 2, "100"],
    ["19.99", "1.5", 2, "2999"],
    ["1500", "2", 0, "3000"],
    ["90071992547409.93", "1", 2, "9007199254740993"],
    ["92233720368547758.07", undefined, 2, "9223372036854775807"],
    ["92233720368547758.08", undefined, 2, undefined],
    ["-92233720368547758.08", undefined, 2, "-9223372036854775808"],
    ["free", "1", 2, undefined],
    ["1", "some", 2, undefined],
  ])("makes of %s times %s with %i decimals %s", (price, quantity, decimals, amount) => {
    expect(amountOf(price, quantity, decimals)).toBe(amount);
  });
});

describe("itemsAmountOf", () => {
  const keys = { price: "price", quantity: "qty" };

  it.each([
    ['[{"price":19.99,"qty":2},{"price":0.01,"qty":1}]', "3999"],
    ['[{"price":"19.99","qty":"2"}]', "3998"],
    ['[{"price":90071992547409.93,"qty":1}]', "9007199254740993"],
    // Each alone would be rounded to 0; the sum is not.
    ['[{"price":0.004,"qty":1},{"price":0.004,"qty":1}]', "1"],
    ["[]", "0"],
    ['[{"price":1}]', undefined],
    ['[{"price":1,"qty":1},{"price":null,"qty":1}]', undefined],
    ['[{"price":true,"qty":1}]', undefined],
    ["[1]", undefined],
    ["[null]", undefined],
    ['{"price":1,"qty":1}', undefined],
    ['[{"price":1,"qty":1}', undefined],
    ["", undefined],
    ["[".repeat(100_000), undefined],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, undefined],
  ])("sums %.60s", (json, amount) => {
    expect(itemsAmountOf(json, keys, 2)).toBe(amount);
  });

  it("counts each price once where no quantity is asked for", () => {
    expect(itemsAmountOf('[{"price":1.5},{"price":2}]', { price: "price" }, 2)).toBe("350");
  });

  it("is exact for any prices in cents", () => {
    const item = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 1e6 }));
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const cents = (amount: number) =>
          `${amount < 0 ? "-" : ""}${Math.floor(Math.abs(amount) / 100)}.${String(Math.abs(amount) % 100).padStart(2, "0")}`;
        const json = `[${items.map(([price, qty]) => `{"qty":${qty},"price":${cents(price)}}`).join(",")}]`;
        const expected = items.reduce((sum, [price, qty]) => sum + BigInt(price) * BigInt(qty), 0n);
        expect(itemsAmountOf(json, keys, 2)).toBe(String(expected));
      }),
    );
  });
});
