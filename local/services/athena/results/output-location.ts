/** The location of a query's result. */
import type { ResultConfiguration, StartQueryExecutionInput, WorkGroupConfiguration } from "@aws-sdk/client-athena";
import { ServiceError } from "../../../service-error.ts";
import { asFolder, parseS3Location } from "../../glue/s3-location.ts";

/**
 * The settings of an enforcing workgroup win; otherwise the client's do.
 *
 * @throws {ServiceError} `InvalidRequestException` when neither names a location.
 */
export function resultConfiguration(
  input: StartQueryExecutionInput,
  group: WorkGroupConfiguration,
  id: string,
  extension: string,
): ResultConfiguration {
  const client = input.ResultConfiguration;
  const chosen = group.EnforceWorkGroupConfiguration
    ? group.ResultConfiguration
    : { ...group.ResultConfiguration, ...(client ?? {}) };
  const location = parseS3Location(chosen?.OutputLocation ?? "");
  if (!location) {
    throw new ServiceError(
      "InvalidRequestException",
      "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
    );
  }
  const { bucket, key } = asFolder(location);
  return { ...chosen, OutputLocation: `s3://${bucket}/${key}${id}.${extension}` };
}
