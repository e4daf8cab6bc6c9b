/**
 * A variable of the function's environment, which the stack sets.
 * @throws Error that names the variable if it is missing
 */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the environment lacks ${name}`);
  return value;
}
