import type { Values } from "../manifest.ts";
import { createOrUpdate, pascalCase, type ResourceType } from "../resource-type.ts";

const EXISTS = "AlreadyExistsException";

export const catalogDatabase: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const Name = attributes.name;
    const DatabaseInput = {
      Name,
      Description: inputs.description,
      LocationUri: inputs.locationUri,
      Parameters: inputs.parameters,
    };
    await createOrUpdate(
      () => call("glue", "CreateDatabase", { DatabaseInput }),
      () => call("glue", "UpdateDatabase", { Name, DatabaseInput }),
      EXISTS,
    );
  },
};

export const catalogTable: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const { databaseName: DatabaseName, catalogId: _, storageDescriptor, ...rest } = inputs;
    const { serDeInfo, ...storage } = (storageDescriptor ?? {}) as Values;
    const TableInput = {
      ...(pascalCase(rest, ["parameters"]) as object),
      Name: attributes.name,
      StorageDescriptor: {
        ...(pascalCase(storage, ["parameters"]) as object),
        ...(serDeInfo && { SerdeInfo: pascalCase(serDeInfo, ["parameters"]) }),
      },
    };
    // An update leaves the partitions as they are.
    await createOrUpdate(
      () => call("glue", "CreateTable", { DatabaseName, TableInput }),
      () => call("glue", "UpdateTable", { DatabaseName, TableInput }),
      EXISTS,
    );
  },
};

export const crawler: ResourceType = {
  async deploy({ inputs, attributes }, { call }) {
    const { catalogTargets, s3Targets, ...rest } = inputs;
    const input = {
      ...(pascalCase(rest) as object),
      Name: attributes.name,
      Targets: {
        ...(catalogTargets && { CatalogTargets: pascalCase(catalogTargets) }),
        ...(s3Targets && { S3Targets: pascalCase(s3Targets) }),
      },
    };
    await createOrUpdate(
      () => call("glue", "CreateCrawler", input),
      () => call("glue", "UpdateCrawler", input),
      EXISTS,
    );
  },
};
