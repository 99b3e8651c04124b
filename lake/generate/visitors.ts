/** The people, programs and scanners behind sample traffic. Every address is from a range reserved for documentation. */
import { type Random, randomText, weighted } from "./random.ts";

export interface Visitor {
  ip: string;
  userAgent: string;
  /** A scanner asks for what is not there. */
  scanner: boolean;
}

const MOZILLA = "Mozilla/5.0";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

const people = weighted<string>([
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`, 30],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0`, 9],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, 10],
  [
    `${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15`,
    8,
  ],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1`,
    18,
  ],
  [`${MOZILLA} (Linux; Android 10; K) ${WEBKIT} Chrome/143.0.0.0 Mobile Safari/537.36`, 16],
  [`${MOZILLA} (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0`, 4],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/540.0.0.45.99;FBBV/812345678;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/18.6;FBSS/3;FBCR/;FBID/phone;FBLC/de_DE;FBOP/80]`,
    3,
  ],
]);

const programs = weighted<string>([
  [`${MOZILLA} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`, 5],
  [`${MOZILLA} (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)`, 3],
  ["python-requests/2.32.5", 2],
  ["okhttp/5.1.0", 3],
  ["curl/8.17.0", 2],
  ["-", 1],
]);

const scanners = weighted<string>([
  [`${MOZILLA} zgrab/0.x`, 3],
  [`${MOZILLA} (compatible; "Nuclei - Open-source project" (github.com/projectdiscovery/nuclei))`, 1],
  ["Go-http-client/1.1", 2],
]);

const documentationNets = ["192.0.2", "198.51.100", "203.0.113"] as const;

/** A crowd to draw visitors from. */
export function crowd(random: Random, size: number): Visitor[] {
  return Array.from({ length: size }, () => {
    const kind = random.unit();
    const scanner = kind > 0.985;
    return {
      ip: address(random),
      userAgent: scanner ? scanners(random) : kind > 0.9 ? programs(random) : longer(random, people(random)),
      scanner,
    };
  });
}

/** One of the crowd; the first ones come back far more often than the last ones. */
export function visitorOf<V extends Visitor>(random: Random, visitors: readonly V[]): V {
  const unit = random.unit();
  return visitors[Math.floor(unit * unit * visitors.length)]!;
}

function address(random: Random): string {
  if (random.chance(0.22)) {
    const groups = Array.from({ length: 6 }, () => random.below(0x1_0000).toString(16));
    return random.chance(0.1) ? `2001:db8:${groups[0]}::${groups[1]}` : `2001:db8:${groups.join(":")}`;
  }
  // 198.18.0.0/15 is reserved for benchmarks: many addresses that belong to nobody.
  return random.chance(0.3)
    ? `${documentationNets[random.below(3)]}.${1 + random.below(254)}`
    : `198.${18 + random.below(2)}.${random.below(256)}.${1 + random.below(254)}`;
}

/** Some in-app browsers append kilobytes of state to their user agent. */
function longer(random: Random, userAgent: string): string {
  if (!random.chance(0.004)) return userAgent;
  return `${userAgent} AppState/${randomText(random, "0123456789abcdef", 900 + random.below(900))}`;
}
