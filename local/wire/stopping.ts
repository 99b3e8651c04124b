/** Waits that end when the cloud stops. */
import { cloudIsStopping } from "../service-error.ts";

/**
 * Settles as the work does, or refuses as soon as the cloud stops.
 *
 * @throws {ServiceError} `ServiceUnavailable`.
 */
export async function unlessStopping<T>(work: Promise<T>, stopping: AbortSignal | undefined): Promise<T> {
  if (!stopping) return work;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const refuse = () => reject(cloudIsStopping());
  if (stopping.aborted) refuse();
  stopping.addEventListener("abort", refuse);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    stopping.removeEventListener("abort", refuse);
  }
}
