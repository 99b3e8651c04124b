import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { truncateAddress } from "../../../lake/pii/address.ts";
import { KeyedHash } from "../../../lake/pii/keyed-hash.ts";
import { scrubParameters, scrubText } from "../../../lake/pii/scrub.ts";

describe("truncateAddress", () => {
  it.each([
    ["192.0.2.123", "192.0.2.0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::"],
    ["2001:db8::1", "2001:db8::"],
    ["2001:DB8:ABCD:ffff::", "2001:db8:abcd::"],
    ["2001::5", "2001::"],
    ["::1", "::"],
    ["0:0:1::9", "0:0:1::"],
    ["::ffff:192.0.2.123", "::ffff:192.0.2.0"],
    ["192.0.2.123, 2001:db8:1:2::3", "192.0.2.0, 2001:db8:1::"],
    ["anna@example.com", null],
    ["192.0.2.1, unknown", null],
    ["fe80::1%eth0", null],
    ["", null],
  ])("%s becomes %s", (text, expected) => {
    expect(truncateAddress(text)).toBe(expected);
  });

  it("gives every address of a /48 the same network, which is an address", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const network = truncateAddress(address)!;
        expect(isIPv6(network)).toBe(true);
        expect(truncateAddress(network)).toBe(network);
      }),
    );
  });
});

describe("KeyedHash", () => {
  const hash = new KeyedHash(Buffer.alloc(32, 1));

  it("is equal within a day, and differs by day, by value and by secret", () => {
    const one = hash.hash("192.0.2.1", "2026-01-17");
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(hash.hash("192.0.2.1", "2026-01-18")).not.toBe(one);
    expect(hash.hash("192.0.2.2", "2026-01-17")).not.toBe(one);
    expect(new KeyedHash(Buffer.alloc(32, 2)).hash("192.0.2.1", "2026-01-17")).not.toBe(one);
    expect(hash.hash("192.0.2.1", "2026-01-17")).toBe(one);
  });

  it("refuses a secret that could be guessed", () => {
    expect(() => new KeyedHash(Buffer.from("short"))).toThrow(/5 bytes, expected at least 32/);
  });
});

describe("scrubText", () => {
  it.each([
    ["mail anna.b+c@example.co.uk!", "mail ***!"],
    ["a=anna%40example.com&b=1", "a=***&b=1"],
    ["a=anna%2540example.com", "a=***"],
    ["jürgen@müller.de", "***"],
    ["card 4111 1111 1111 1111.", "card ***."],
    ["4111-1111-1111-1111", "***"],
    ["c=4111%201111%201111%201111", "c=***"],
    ["378282246310005", "***"],
    ["order 4111111111111112", "order 4111111111111112"],
    ["no @ here, 192.0.2.1, 1768644000", "no @ here, 192.0.2.1, 1768644000"],
  ])("%s becomes %s", (text, expected) => {
    expect(scrubText(text)).toBe(expected);
  });

  it("takes its time in proportion to the text", () => {
    const started = performance.now();
    for (const text of ["a".repeat(200_000), "1 ".repeat(100_000), "a@".repeat(100_000), `a@${"b.".repeat(100_000)}`])
      scrubText(text);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("scrubParameters", () => {
  it.each([
    ["https://example.com/a?q=1&mail=x=y#z", "https://example.com/a?q=***&mail=***"],
    ["q=1&flag&=v", "q=***&***&=***"],
    ["https://example.com/a=b", "https://example.com/a=b"],
    ["/path", "/path"],
    ["", ""],
  ])("%s becomes %s", (text, expected) => {
    expect(scrubParameters(text)).toBe(expected);
  });
});
