/** `sluice report`: runs one report now and says where it lies. */
import config from "../../sluice.config.ts";
import { day, parse, targetHelp, targetOptions } from "../arguments.ts";
import { type Command, UsageError } from "../command.ts";
import { describeReport, runReport } from "../run-report.ts";
import { withTarget } from "../target.ts";

export const report: Command = {
  help: `Usage: sluice report NAME [OPTIONS]

Runs a report of sluice.config.ts (${Object.keys(config.reports).join(", ")}): queries, PDF, publication, e-mail.

  --date D         the day to report on, in the report's time zone (default: yesterday there)
  --force-mail     send the e-mail though this version's was sent before; without it nobody gets a mail twice
${targetHelp}
`,
  async run(argv) {
    const { values, positionals } = parse(
      argv,
      { ...targetOptions, date: { type: "string" }, "force-mail": { type: "boolean", default: false } },
      true,
    );
    const [name, ...rest] = positionals;
    if (name === undefined || rest.length > 0) throw new UsageError("Name one report");
    if (!Object.hasOwn(config.reports, name))
      throw new UsageError(
        `There is no report "${name}" in sluice.config.ts: ${Object.keys(config.reports).join(", ")}`,
      );
    const date = values.date === undefined ? undefined : day("date", values.date);

    return withTarget(values, async (target) => {
      const result = await runReport(target, name, { date, forceMail: values["force-mail"] });
      if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else process.stdout.write(`${describeReport(result).join("\n")}\n`);
      return result.status.endsWith("_NOT_SENT") ? 1 : 0;
    });
  },
};
