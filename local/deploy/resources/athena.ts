import type { NamedQuery } from "@aws-sdk/client-athena";
import type { Values } from "../manifest.ts";
import { pascalCase, type ResourceType } from "../resource-type.ts";

export const workgroup: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const Name = attributes.name;
    const { resultConfiguration, ...settings } = (inputs.configuration ?? {}) as Values;
    const Configuration = pascalCase({ ...settings, ...(resultConfiguration && { resultConfiguration }) }) as Values;
    // The API's own spelling.
    if ("PublishCloudwatchMetricsEnabled" in Configuration) {
      Configuration.PublishCloudWatchMetricsEnabled = Configuration.PublishCloudwatchMetricsEnabled;
      delete Configuration.PublishCloudwatchMetricsEnabled;
    }
    const { WorkGroups } = (await call("athena", "ListWorkGroups", {})) as { WorkGroups: Values[] };
    if (!WorkGroups.some((group) => group.Name === Name)) {
      await call("athena", "CreateWorkGroup", { Name, Description: inputs.description, Configuration });
      return;
    }
    const { ResultConfiguration, ...rest } = Configuration;
    await call("athena", "UpdateWorkGroup", {
      WorkGroup: Name,
      Description: inputs.description,
      ConfigurationUpdates: {
        ...rest,
        ...(ResultConfiguration && { ResultConfigurationUpdates: ResultConfiguration }),
      },
    });
  },
};

export const namedQuery: ResourceType = {
  async deploy({ inputs }, { call }) {
    const WorkGroup = inputs.workgroup ?? "primary";
    const { NamedQueryIds } = (await call("athena", "ListNamedQueries", { WorkGroup })) as { NamedQueryIds: string[] };
    for (const NamedQueryId of NamedQueryIds ?? []) {
      const answer = (await call("athena", "GetNamedQuery", { NamedQueryId })) as { NamedQuery: NamedQuery };
      const known = answer.NamedQuery;
      if (known.Name !== inputs.name) continue;
      if (known.QueryString === inputs.query && known.Database === inputs.database) return;
      await call("athena", "DeleteNamedQuery", { NamedQueryId });
    }
    await call("athena", "CreateNamedQuery", {
      Name: inputs.name,
      Description: inputs.description,
      Database: inputs.database,
      QueryString: inputs.query,
      WorkGroup,
    });
  },
};
