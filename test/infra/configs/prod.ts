/** The shipped configuration as somebody would deploy it: with readers. AWS's simulator takes any mail and keeps none. */
import shipped from "../../../sluice.config.ts";

const PLATFORM = "success+platform@simulator.amazonses.com";
const ON_CALL = "success+on-call@simulator.amazonses.com";

export default {
  ...shipped,
  alertRecipients: [ON_CALL],
  reports: Object.fromEntries(
    Object.entries(shipped.reports).map(([name, report]) => [
      name,
      {
        ...report,
        recipients: report.recipients.map((address) => (address.startsWith("on-call") ? ON_CALL : PLATFORM)),
      },
    ]),
  ),
};
