import { defineLake } from "./lake/sources/config.ts";

/** Columns of one type that are called as the keys they come from. */
const keys = (type: string, ...names: string[]) => names.map((name) => ({ name, type, upstreamName: name }));

/** What this lake ingests and reports. Change it, then `npm run synth` and `npx sst deploy --stage …`. */
export default defineLake({
  project: { name: "sluice", region: "eu-central-1" },
  sources: {
    cloudfront: {
      description: "Requests to the website, as CloudFront logs them",
      steward: "Web platform",
      contact: "Slack channel #web-platform",
      format: "cloudfront",
      prefix: "cloudfront/",
      maxReceives: 3,
      crawler: { schedule: "cron(0 6 * * ? *)", timeZone: "UTC" },
    },
    alb: {
      description: "Requests to the APIs, as their load balancers log them",
      steward: "API platform",
      contact: "Slack channel #api-platform",
      format: "alb",
      prefix: "alb/",
    },
    clickstream: {
      description: "What visitors of the website do, without what tells who they are",
      steward: "Web analytics",
      contact: "Slack channel #web-analytics",
      format: "json",
      prefix: "clickstream/",
      formatOptions: {
        time: "event_time",
        columns: [
          ...keys("string", "event_id", "event_type"),
          ...keys("timestamp_millis", "event_time"),
          ...keys("string", "user_id", "anonymous_id", "session_id", "page_url", "page_title", "referrer"),
          ...keys("string", "device_type", "user_agent", "language", "country", "city", "ip"),
          ...keys("int32", "screen_width", "screen_height", "engagement_ms"),
          ...keys("boolean", "is_logged_in"),
          ...keys("double", "scroll_ratio"),
          ...keys("string", "properties", "items"),
        ],
      },
      derive: {
        page_path: { from: "page_url", part: "path" },
        utm_source: { from: "page_url", parameter: "utm_source" },
        browser: { from: "user_agent", userAgent: "family" },
        is_bot: { from: "user_agent", userAgent: "bot" },
        revenue_cents: { amount: { items: "items", price: "price", quantity: "quantity" }, decimals: 2, unit: "EUR" },
      },
      pii: {
        columns: {
          user_id: "hash",
          anonymous_id: "hash",
          session_id: "hash",
          ip: "truncate",
          user_agent: "drop",
          page_url: "scrub-parameters",
          referrer: "scrub-parameters",
          properties: "scrub-text",
          page_path: "scrub-text",
          utm_source: "scrub-text",
          browser: "keep",
          is_bot: "keep",
        },
        extra: "scrub-text",
      },
    },
  },
  reports: {
    "alb-daily": {
      kind: "alb-daily",
      source: "alb",
      title: "ALB daily status",
      timeZone: "Europe/Berlin",
      schedule: "cron(0 6 * * ? *)",
      recipients: ["platform@example.com", "on-call@example.com"],
      apis: { "orders-api": "Orders", "search-api": "Search", "accounts-api": "Accounts" },
    },
    "cloudfront-daily": {
      kind: "cloudfront-daily",
      source: "cloudfront",
      title: "CloudFront daily",
      timeZone: "UTC",
      schedule: "cron(30 5 * * ? *)",
      recipients: ["platform@example.com"],
    },
  },
  alertRecipients: ["on-call@example.com"],
});
