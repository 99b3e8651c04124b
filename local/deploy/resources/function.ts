import { localUrls } from "../local-urls.ts";
import type { ResourceType } from "../resource-type.ts";

/** AWS's default for what a function resource leaves out. */
const DEFAULTS = { timeoutSeconds: 3, memoryMb: 128, asyncRetries: 2 };

export const lambdaFunction: ResourceType = {
  deploy({ name, inputs, attributes }, context) {
    const code = context.codeOf(attributes.name);
    if (!code) throw new Error(`The manifest names no handler for the function ${name}`);
    const invokeConfig = context
      .resources("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
      .find((config) => [attributes.name, attributes.arn].includes(config.inputs.functionName))?.inputs;
    context.functions.push({
      name: attributes.name,
      arn: attributes.arn,
      handler: code.handler,
      runtime: inputs.runtime ?? code.runtime,
      memoryMb: inputs.memorySize ?? DEFAULTS.memoryMb,
      timeoutSeconds: inputs.timeout ?? DEFAULTS.timeoutSeconds,
      reservedConcurrency: inputs.reservedConcurrentExecutions,
      environment: localUrls(inputs.environment?.variables ?? {}, context),
      install: code.install,
      copyFiles: code.copyFiles ?? [],
      roleArn: inputs.role,
      logGroup: inputs.loggingConfig?.logGroup ?? `/aws/lambda/${attributes.name}`,
      description: inputs.description ?? "",
      asyncRetries: invokeConfig?.maximumRetryAttempts ?? DEFAULTS.asyncRetries,
      onFailureArn: invokeConfig?.destinationConfig?.onFailure?.destination,
    });
  },
};
