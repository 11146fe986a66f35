import { StartupError } from '#libs/platform';

/** What was typed is not what the command takes: its usage is printed, too. */
export class WrongArguments extends StartupError {}
