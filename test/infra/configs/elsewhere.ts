/** A lake that differs from the shipped one in all that the configuration decides, in a partition of its own. */
import { formatNames } from "../../../lake/formats/index.ts";
import { defineLake } from "../../../lake/sources/config.ts";

/** A source for every format, so that whatever a format asks of the stacks is asked. */
const everyFormat = Object.fromEntries(formatNames.map((format) => [format, { format, prefix: `in/${format}/` }]));

export default defineLake({
  project: { name: "logs", region: "cn-north-1" },
  sources: {
    ...everyFormat,
    alb: {
      format: "alb",
      prefix: "in/alb/",
      description: "Requests to the API",
      steward: "Platform team",
      contact: "#platform",
      maxReceives: 7,
      crawler: { schedule: "cron(15 4 ? * MON-FRI *)", timeZone: "Asia/Shanghai" },
    },
    nlb: { format: "nlb", prefix: "in/nlb/", crawler: true },
  },
  alertRecipients: ["success@simulator.amazonses.com"],
  retention: { rawDays: 100, reportDays: 365 },
  concurrency: { reserved: { parse: 20, decompress: 10 } },
});
