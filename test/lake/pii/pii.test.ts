import { createHmac } from "node:crypto";
import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { truncateAddress } from "../../../lake/pii/address.ts";
import { KeyedHash } from "../../../lake/pii/keyed-hash.ts";
import { scrubParameters, scrubQuery, scrubText } from "../../../lake/pii/scrub.ts";

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
    ["192.0.2.123:443", "192.0.2.0"],
    ["[2001:db8:1:2::3]:443", "2001:db8:1::"],
    ["[2001:db8:1:2::3]", "2001:db8:1::"],
    // 6to4 of 192.0.2.123.
    ["2002:c000:27b::1", "2002:c000:200::"],
    ["192.0.2.123:secret", null],
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

  it("is the HMAC of RFC 2104, with a key that is the HMAC of the day", () => {
    const dayKey = createHmac("sha256", Buffer.alloc(32, 1)).update("2026-01-17").digest();
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (value) => {
        const whole = createHmac("sha256", dayKey).update(value).digest("hex");
        expect(hash.hash(value, "2026-01-17")).toBe(whole.slice(0, 32));
      }),
    );
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
    ["%22card%22%3A%224111111111111111%22", "%22card%22%3A%22***%22"],
    ["n=4111%2D1111%2d1111%252D1111", "n=***"],
    ["%204111111111111111", "%20***"],
    ["4111 1111 1111 1111 12 25", "*** 12 25"],
    ["7 4111111111111111", "7 ***"],
    ["%FF%34%31%31%31%31%31%31%31%31%31%31%31%31%31%31%31", "%FF***"],
    ["%FF%61%40%62%2e%63%6f", "***"],
    ["4111.1111.1111.1111", "***"],
    ["anna%2Bx%40exa%6Dple%2Ecom", "***"],
    ["%22o'brien!x@example.com%22", "%22***%22"],
    [String.raw`{"m":"anna\u0040example.com"}`, '{"m":"***"}'],
    [String.raw`anna\x40example\x2ecom`, "***"],
    ["50%anna@example.com and 50%adam@example.com", "50%*** and ***"],
    ["anna&#64;example.com", "***"],
    ['"anna b"@example.com', "***"],
    ["a@b.com,c@d.org;e@f.net", "***,***;***"],
    ["anna@[192.0.2.1]", "***"],
    ["1768644000123 and 1768644000123456", "1768644000123 and 1768644000123456"],
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

describe("scrubQuery", () => {
  it.each([
    ["/anna", "***"],
    ["a=/b?c=d#e", "a=***"],
    ["%22", "***"],
  ])("%s becomes %s", (text, expected) => {
    expect(scrubQuery(text)).toBe(expected);
  });
});

describe("scrubParameters", () => {
  it.each([
    ["https://example.com/a?q=1&mail=x=y#z", "https://example.com/a?q=***&mail=***"],
    ["q=1&flag&=v", "q=***&***&=***"],
    ["https://example.com/a=b", "https://example.com/a=b"],
    ["/path", "/path"],
    ["/p;jsessionid=4711/q;v=1?a=b", "/p;jsessionid=***/q;v=***?a=***"],
    ["https://anna:secret@example.com/p#anna", "https://***@example.com/p#***"],
    ["/p#anna?x=1", "/p#***"],
    ["GET https://h:443/p?q=a b HTTP/1.1", "GET https://h:443/p?q=*** HTTP/1.1"],
    ["GET https://h:443/p HTTP/1.1", "GET https://h:443/p HTTP/1.1"],
    ["a=1?b=2", "a=***"],
    ["?anna@example.com=1", "?***=***"],
    ["", ""],
  ])("%s becomes %s", (text, expected) => {
    expect(scrubParameters(text)).toBe(expected);
  });
});
