/**
 * The retriers that machines share. They stand in each machine's file in full, so that it stays plain JSON; `format.ts`
 * writes them there from here, and a test fails on a copy that was edited by hand.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */

export interface Retrier {
  ErrorEquals: readonly string[];
  IntervalSeconds: number;
  BackoffRate: number;
  MaxAttempts: number;
  MaxDelaySeconds: number;
  JitterStrategy: "FULL";
}

/**
 * Lambda has no room for another invocation: no code ran, so asking again costs nothing but time. A burst has to work itself
 * off, which in a new account, with ten invocations at a time, takes many minutes. It stands first, so that these attempts
 * are not taken from any other retrier.
 */
const lambdaThrottled: Retrier = {
  ErrorEquals: ["Lambda.TooManyRequestsException"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 40,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * Lambda's own failures: the function did not run, or nobody knows whether it did. About a quarter of a minute of trying.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
const lambdaService: Retrier = {
  ErrorEquals: [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
  ],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 5,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * The function ran and did not come to an end: out of time, out of memory, or gone. What one object causes happens again at
 * each attempt, so there are few. `Lambda.Unknown` is what Step Functions makes of an answer without an error's name.
 */
export const crashErrors = [
  "Sandbox.Timedout",
  "Runtime.ExitError",
  "Runtime.OutOfMemory",
  "Lambda.Unknown",
  "States.Timeout",
] as const;

const crashed: Retrier = {
  ErrorEquals: crashErrors,
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * A service that a function called was busy or ill: throttles, 5xx and calls that got no answer, under the names that the
 * services give them. `ServiceUnavailable` is also our own name for those that come without one (`lake/errors.ts`). It is no
 * object's fault, so no object is set aside for it: about ten minutes of trying, then the execution fails and can be redriven.
 */
export const environmentErrors = [
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "KMSThrottlingException",
  "SlowDown",
  "BandwidthLimitExceeded",
  "RequestTimeout",
  "RequestTimeoutException",
  "OperationTimeoutException",
  "TimeoutError",
  "InternalError",
  "InternalErrorException",
  "InternalFailure",
  "InternalServerError",
  "InternalServerException",
  "InternalServiceError",
  "InternalServiceException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "PriorRequestNotComplete",
  "TransactionInProgressException",
] as const;

const environment: Retrier = {
  ErrorEquals: environmentErrors,
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 24,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * Step Functions did not start the child. A child that started and failed is not started again: its failure is final.
 * AWS documents the limit without "Exception" at its end; errors that its SDK has no class for come as the third name.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
const childNotStarted: Retrier = {
  ErrorEquals: [
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ThrottlingException",
    "StepFunctions.SdkClientException",
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 24,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** A call that returns at once and whose every failure is one of the service. About ten minutes of trying. */
const callFailed: Retrier = {
  ErrorEquals: ["States.TaskFailed"],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 24,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** The first retriers of each Task, in order, by what the Task calls. */
export const retriersByResource: Readonly<Record<string, readonly Retrier[]>> = {
  "arn:aws:states:::lambda:invoke": [lambdaThrottled, lambdaService, crashed, environment],
  "arn:aws:states:::states:startExecution": [callFailed],
  "arn:aws:states:::states:startExecution.sync:2": [childNotStarted],
  "arn:aws:states:::events:putEvents": [callFailed],
};

/** Retriers of errors that only some tasks have. A task lists the ones it needs after its first. */
export const retrierByError: Readonly<Record<string, Retrier>> = {
  /** DynamoDB did a part of a batched call. About two minutes of trying. */
  LedgerBusy: {
    ErrorEquals: ["LedgerBusy"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 6,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  /** Reading one object failed in a way that nobody foresaw. Trying again can help when memory was short. */
  ReadFailed: {
    ErrorEquals: ["ReadFailed"],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxAttempts: 2,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  /** A new secret takes a moment until every reader sees it. A secret that is missing needs a person. */
  PiiKeyUnusable: {
    ErrorEquals: ["PiiKeyUnusable"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 3,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
};
