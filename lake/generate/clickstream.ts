/**
 * Made-up events of a web shop as its collector would deliver them: JSON lines of 21 keys, purchases of one more. Data of
 * people is in many of them, as in real ones: addresses in `ip`, e-mail addresses in the links of newsletters.
 */
import { type Random, randomText, weighted } from "./random.ts";
import { type SampleFile, type SampleOptions, type SampleWindow, sampleWindows, withOddLines } from "./sample.ts";
import { crowd, visitorOf } from "./visitors.ts";

const HEX = "0123456789abcdef";
const SHOP = "https://www.example.com";

const eventTypes = weighted([
  ["page_view", 50],
  ["click", 22],
  ["scroll", 12],
  ["search", 6],
  ["add_to_cart", 5],
  ["login", 3],
  ["purchase", 2],
] as const);

const pages = weighted([
  [{ path: "/", title: "Example Shop" }, 40],
  [{ path: "/products/winter-boots", title: "Winter boots – Example Shop" }, 14],
  [{ path: "/products/caf%C3%A9-press", title: "Café press – Example Shop" }, 9],
  [{ path: "/products/100%25-wool-scarf", title: "100% wool scarf – Example Shop" }, 8],
  [{ path: "/cart", title: "Your cart – Example Shop" }, 9],
  [{ path: "/checkout", title: "Checkout – Example Shop" }, 5],
  [{ path: "/help/returns", title: "Returns – Example Shop" }, 3],
] as const);

const terms = weighted([
  ["boots", 30],
  ["winter coat", 12],
  ["café", 8],
  ["шарф", 4],
  ['"wool scarf"', 5],
] as const);

const referrers = weighted([
  ["https://www.google.com/", 40],
  [`${SHOP}/`, 30],
  ["https://l.instagram.com/?u=https%3A%2F%2Fwww.example.com%2F", 6],
] as const);

const towns = weighted([
  ["DE/Berlin/de-DE", 26],
  ["DE/München/de-DE", 20],
  ["FR/Paris/fr-FR", 14],
  ["CH/Zürich/de-CH", 8],
  ["PL/Kraków/pl-PL", 6],
  ["GB/London/en-GB", 12],
  ["US/Austin/en-US", 6],
] as const);

const screens = weighted([
  [{ device: "mobile", width: 390, height: 844 }, 38],
  [{ device: "mobile", width: 412, height: 915 }, 16],
  [{ device: "desktop", width: 1920, height: 1080 }, 30],
  [{ device: "desktop", width: 1440, height: 900 }, 12],
  [{ device: "tablet", width: 768, height: 1024 }, 4],
] as const);

const products = weighted([
  [{ sku: "BOOT-42", price: 129.9 }, 5],
  [{ sku: "PRESS-1L", price: 39.95 }, 8],
  [{ sku: "SCARF-WOOL", price: 24.5 }, 10],
] as const);

const names = weighted([
  ["anna.schmidt", 3],
  ["j.dupont", 2],
  ["o'neill+shop", 1],
] as const);

/**
 * Plans the files of a clickstream.
 *
 * Odd lines come from a broken collector: text that is not JSON, JSON that is not an object, and events without a time. A few
 * good events have a key that the table has no column for yet.
 */
export function clickstreamSample(options: SampleOptions): SampleFile[] {
  return sampleWindows(options, "clickstream").map((window) => ({
    name: fileName(window),
    rows: window.rows,
    comments: 0,
    oddLines: window.oddLines,
    *lines() {
      yield* withOddLines(events(window), window, oddLine);
    },
  }));
}

/** The name that a delivery stream gives to an object. */
function fileName(window: SampleWindow): string {
  const [date, time] = new Date(window.startMs).toISOString().split("T") as [string, string];
  const second = time.slice(0, 8).replaceAll(":", "-");
  const unique = randomText(window.random(), HEX, 8);
  return `${date.replaceAll("-", "/")}/${time.slice(0, 2)}/clickstream-1-${date}-${second}-${unique}.gz`;
}

function* events(window: SampleWindow): Generator<string> {
  const random = window.random();
  const visitors = crowd(random, Math.min(4000, 50 + Math.ceil(window.rows / 12))).map((visitor) => ({
    ...visitor,
    id: randomText(random, HEX, 12),
    town: towns(random),
    screen: screens(random),
    email: `${names(random)}${random.below(1000)}@example.com`,
    isCustomer: random.chance(0.4),
  }));
  for (const ms of window.times(random)) {
    const { id, ip, userAgent, town, screen, email, isCustomer } = visitorOf(random, visitors);
    const [country, city, language] = town.split("/");
    const type = eventTypes(random);
    const page = pages(random);
    const event = {
      event_id: `${randomText(random, HEX, 8)}-${randomText(random, HEX, 4)}-4${randomText(random, HEX, 3)}-a${randomText(random, HEX, 3)}-${randomText(random, HEX, 12)}`,
      event_type: type,
      event_time: new Date(ms).toISOString(),
      user_id: isCustomer ? `u${Number.parseInt(id.slice(0, 6), 16)}` : null,
      anonymous_id: id,
      session_id: `${id}-${Math.floor(ms / 1_800_000)}`,
      page_url: SHOP + page.path + campaign(random, email),
      page_title: page.title,
      referrer: random.chance(0.5) ? referrers(random) : undefined,
      device_type: screen.device,
      user_agent: userAgent,
      screen_width: screen.width,
      screen_height: screen.height,
      language,
      country,
      city,
      ip,
      is_logged_in: isCustomer && random.chance(0.8),
      engagement_ms: Math.floor(8000 * random.logNormal(1)),
      scroll_ratio: random.below(10_001) / 10_000,
      properties: properties(random, type),
      items: type === "purchase" ? basket(random) : undefined,
      // What the shop's next release sends before anybody has added a column for it.
      experiment: random.chance(0.003) ? "checkout-b" : undefined,
    };
    yield JSON.stringify(event);
  }
}

/** The query of a link, if it has one: where the visitor came from, now and then with the address it was mailed to. */
function campaign(random: Random, email: string): string {
  const unit = random.unit();
  if (unit < 0.8) return "";
  if (unit < 0.92) return "?utm_source=google&utm_medium=cpc&utm_campaign=winter%20sale";
  return `?utm_source=newsletter&utm_medium=email&recipient=${encodeURIComponent(email)}`;
}

function basket(random: Random): object[] {
  return Array.from({ length: 1 + random.below(3) }, () => ({ ...products(random), quantity: 1 + random.below(3) }));
}

/** The properties of an event beside the keys that all events have. */
function properties(random: Random, type: string): object {
  switch (type) {
    case "purchase":
      return { order_id: `o${random.below(1e9)}`, currency: "EUR" };
    case "add_to_cart": {
      const { sku, price } = products(random);
      return { sku, price, quantity: 1 + random.below(3) };
    }
    case "search":
      return { query: terms(random), results: random.below(500) };
    case "click":
      return { element: `#${terms(random).replaceAll(/\W+/g, "-")}`, x: random.below(1920), y: random.below(4000) };
    default:
      return {};
  }
}

function oddLine(n: number): string {
  switch (n % 3) {
    case 0:
      return "collector: buffer overrun, 3 events dropped";
    case 1:
      return '["page_view","2026-01-16T08:00:00.000Z"]';
    default:
      return '{"event_id":"00000000-0000-4000-a000-000000000000","event_type":"page_view","event_time":"soon"}';
  }
}
