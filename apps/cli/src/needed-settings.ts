import { StartupError, checkedSetting } from '#libs/platform';

/**
 * The settings that a command needs, and no others: who only looks need not have those of a whole installation.
 * @throws StartupError naming all that is missing or wrong at once
 */
export function neededSettings<Name extends string>(
  command: string,
  env: NodeJS.ProcessEnv,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  const faults: string[] = [];
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    try {
      const value = checkedSetting(env, name);
      if (value === undefined) faults.push(`${name} is missing: ${command} needs it.`);
      else found[name] = value;
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new StartupError(faults);
  return found as Record<Name, string>;
}
