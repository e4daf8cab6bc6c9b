/** A variable of the function's environment, set by the stack. @throws Error naming the one that is missing */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the environment lacks ${name}`);
  return value;
}
