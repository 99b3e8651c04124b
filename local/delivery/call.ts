/**
 * Carries out one API call of another service of the embedded cloud, in process.
 *
 * @param namespace - As in `Service.namespace`, such as `states`.
 * @param input - In the shape of the SDK command's input.
 * @throws {ServiceError} As the service refuses.
 */
export type Call = (namespace: string, operation: string, input: object) => Promise<object>;
