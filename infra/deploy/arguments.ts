/** What `npm run deploy --` was given. */
export interface DeployArguments {
  /** `--check-only`: the account is checked, and nothing is deployed. */
  readonly checkOnly: boolean;
  /** `-c name=value`, which the CDK gets too. */
  readonly context: Readonly<Record<string, string>>;
  /** `--profile`, which the CDK gets too. */
  readonly profile: string | undefined;
  /** All arguments that the CDK gets. */
  readonly forCdk: readonly string[];
}

/** Reads the arguments of the CDK that decide about stage, account and sender. */
export function readArguments(given: readonly string[]): DeployArguments {
  const forCdk = given.filter((argument) => argument !== '--check-only');
  const context = Object.fromEntries(
    valuesOf(forCdk, ['-c', '--context']).flatMap((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      return name !== undefined && value !== undefined ? [[name, value]] : [];
    }),
  );
  return {
    checkOnly: given.includes('--check-only'),
    context,
    profile: valuesOf(forCdk, ['--profile']).at(-1),
    forCdk,
  };
}

/** The values of an option in all its forms: `-c value`, `-c=value` and `--context=value`. */
function valuesOf(given: readonly string[], names: readonly string[]): string[] {
  return given.flatMap((argument, index) => {
    const name = names.find((one) => argument === one || argument.startsWith(`${one}=`));
    if (name === undefined) return [];
    return argument === name ? (given[index + 1] ?? []) : [argument.slice(name.length + 1)];
  });
}
