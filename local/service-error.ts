/**
 * A refusal in an AWS service's own words. The protocol layer turns it into the error shape that the caller's protocol
 * uses; in process, state machines and functions see the same `code`.
 */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  /** The error's name as the SDK knows it, such as `ResourceNotFoundException`. */
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }
}

/** The refusal of a cloud that stops. Clients may ask again. */
export const cloudIsStopping = () => new ServiceError("ServiceUnavailable", "The embedded cloud is stopping", 503);
