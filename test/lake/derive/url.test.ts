import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueryParameter } from "../../../lake/derive/query-parameter.ts";
import { pathSegment, type UrlPart, urlPart, urlParts } from "../../../lake/derive/url.ts";
import { runs } from "../../tiers/depth.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (part: Uint8Array | undefined) => (part ? new TextDecoder().decode(part) : null);
const partOf = (url: string, part: UrlPart) => textOf(urlPart(bytes(url), part));
const partsOf = (url: string) => Object.fromEntries(urlParts.map((part) => [part, partOf(url, part)]));
const parameterOf = (name: string, url: string) => textOf(new QueryParameter(name).ofUrl(bytes(url)));

describe("urlPart", () => {
  it("takes a whole URL apart", () => {
    expect(partsOf("HTTPS://user:secret@Shop.Example.com:8443/Shoes/run.HTML?q=a%20b&q=2#Top?x")).toEqual({
      scheme: "https",
      host: "shop.example.com",
      path: "/Shoes/run.HTML",
      query: "q=a%20b&q=2",
      fragment: "Top?x",
      extension: "html",
    });
  });

  it("tells a part that is empty from one that is not there", () => {
    expect(partsOf("https://example.com")).toMatchObject({ path: "/", query: null, fragment: null, extension: null });
    expect(partsOf("https://example.com/?#")).toMatchObject({ path: "/", query: "", fragment: "" });
    expect(partsOf("file:///etc/hosts")).toMatchObject({ scheme: "file", host: null, path: "/etc/hosts" });
  });

  it.each([
    ["//cdn.example.com/a.js", { scheme: null, host: "cdn.example.com", path: "/a.js", extension: "js" }],
    ["/a/b.tar.gz?x=1", { scheme: null, host: null, path: "/a/b.tar.gz", query: "x=1", extension: "gz" }],
    ["?x=1", { host: null, path: "", query: "x=1" }],
    ["http://[2001:DB8::1]:80/x", { host: "[2001:db8::1]", path: "/x" }],
    ["http://example.com:/x", { host: "example.com", path: "/x" }],
    ["android-app://com.google/", { scheme: "android-app", host: "com.google", path: "/" }],
    ["mailto:a@b.example", { scheme: "mailto", host: null, path: "a@b.example" }],
    ["https://example.com?x=/a.b", { host: "example.com", path: "/", query: "x=/a.b", extension: null }],
    ["https://example.com/a b/ü", { path: "/a b/ü" }],
    ["/.htaccess", { extension: null }],
    ["/a.b/c", { extension: null }],
    ["/file.", { extension: null }],
    ["/x.abcdefghijklmnopq", { extension: null }],
    ["/x.a-b", { extension: null }],
  ])("reads %s", (url, parts) => {
    expect(partsOf(url)).toMatchObject(parts);
  });

  it.each([
    "",
    "-",
    "not a url",
    "example.com/path",
    "*",
    "://x",
    "http://exa mple.com/",
    "http://[::1/",
    "http://a:b/",
  ])("takes %j for no URL", (text) => {
    expect(Object.values(partsOf(text)).every((part) => part === null)).toBe(true);
  });

  it("takes no text with control characters for a URL", () => {
    expect(partOf("https://example.com/a\nb", "host")).toBeNull();
    expect(partOf("https://example.com/a\0b", "host")).toBeNull();
  });

  it("agrees with the platform's parser on well-formed URLs", () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const { protocol, hostname, search, hash } = new URL(url);
        expect(partOf(url, "scheme")).toBe(protocol.slice(0, -1));
        expect(partOf(url, "host")).toBe(hostname);
        // The platform escapes a quote in a query.
        expect(`?${partOf(url, "query") ?? ""}`).toBe(search.replaceAll("%27", "'") || "?");
        expect(`#${partOf(url, "fragment") ?? ""}`).toBe(hash || "#");
      }),
      { numRuns: runs(2000) },
    );
  });

  it("takes any bytes without failing, and gives parts of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (text) => {
        for (const part of urlParts) {
          const found = urlPart(text, part);
          expect((found?.length ?? 0) <= Math.max(1, text.length)).toBe(true);
        }
      }),
    );
  });
});

describe("pathSegment", () => {
  it.each([
    [1, "shoes"],
    [2, "run fast"],
    [3, null],
    [4, "x.html"],
    [5, null],
  ])("finds segment %i", (number, segment) => {
    expect(textOf(pathSegment(bytes("https://example.com/shoes/run fast//x.html?a/b/c"), number))).toBe(segment);
  });

  it("knows none in a host, a query or a name", () => {
    expect(pathSegment(bytes("https://example.com?a/b"), 1)).toBeUndefined();
    expect(pathSegment(bytes("mailto:a/b"), 1)).toBeUndefined();
    expect(pathSegment(bytes("a/b"), 1)).toBeUndefined();
  });
});

describe("QueryParameter", () => {
  it.each([
    ["/?utm_source=news", "news"],
    ["/?a=1&utm_source=a+b%20c%2Bd", "a b c+d"],
    ["/?utm_source=%2541", "%41"],
    ["/?utm%5Fsource=x", "x"],
    ["/?utm_source=1&utm_source=2", "1"],
    ["/?utm_source", ""],
    ["/?utm_source=", ""],
    ["/?utm_source=a=b", "a=b"],
    ["/?utm_source=%C3%BC%ü", "ü%ü"],
    ["/?utm_source=%FF", "%FF"],
    ["/?utm_source=%zz%4", "%zz%4"],
    ["/?my_utm_source=x&=y", null],
    ["/?x=1#utm_source=x", null],
    ["/utm_source=x", null],
    ["utm_source=x", null],
  ])("reads %s", (url, value) => {
    expect(parameterOf("utm_source", url)).toBe(value);
  });

  it("reads a query that stands alone", () => {
    expect(textOf(new QueryParameter("q").ofQuery(bytes("a=1&q=what?&b=2")))).toBe("what?");
  });

  it("agrees with the platform on any query of text", () => {
    const word = fc.string({ unit: fc.constantFrom("y", "%C3%BC", "+", "%41", "%", "%20", "=", "&", "z") });
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word)), fc.constantFrom("y", "yz", "A", " "), (pairs, name) => {
        const query = pairs.map(([key, value]) => `${key}=${value}`).join("&");
        expect(textOf(new QueryParameter(name).ofQuery(bytes(query)))).toBe(new URLSearchParams(query).get(name));
      }),
      { numRuns: runs(2000) },
    );
  });
});
