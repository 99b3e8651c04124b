/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app({ stage }) {
    // SST shows what goes wrong in run(), and of what goes wrong here only "Unexpected error". So a configuration that does
    // not hold is left to run(), which meets the same error before it describes any resource.
    const { project } = await import("./sluice.config.ts").then(
      ({ default: lake }) => lake,
      (error) => {
        if (!error.project) throw error;
        return error;
      },
    );
    return {
      name: project.name,
      home: "aws",
      // Elsewhere `sst remove` takes everything with it; prod keeps its buckets and its ledger.
      removal: stage === "prod" ? "retain" : "remove",
      protect: stage === "prod",
      providers: { aws: { version: "7.25.0", region: project.region } },
    };
  },
  async run() {
    const { checkDeployable } = await import("./lake/sources/deployable.ts");
    checkDeployable((await import("./sluice.config.ts")).default, $app.stage);
    await import("./stacks/storage.ts");
    await import("./stacks/ledger.ts");
    await import("./stacks/catalog.ts");
    await import("./stacks/athena.ts");
    await import("./stacks/mail.ts");
    await import("./stacks/secrets.ts");
    await import("./stacks/functions.ts");
    await import("./stacks/machines.ts");
    await import("./stacks/intake.ts");
    await import("./stacks/schedules.ts");
    await import("./stacks/alarms.ts");
  },
});
