import { defineLake } from "./lake/config.ts";

/** What this lake ingests and reports. Change it, then `npm run synth` and `npx sst deploy --stage …`. */
export default defineLake({
  sources: {
    cloudfront: { format: "cloudfront", prefix: "cloudfront/", crawler: true },
    alb: { format: "alb", prefix: "alb/" },
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
