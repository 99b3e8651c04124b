/**
 * Reads a variable that the deployment gave this function.
 *
 * @throws {Error} When it is absent: the function's definition in `stacks/functions.ts` does not list it.
 */
export function environment(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`The environment variable ${name} is not set; stacks/functions.ts gives each function its own`);
  return value;
}
