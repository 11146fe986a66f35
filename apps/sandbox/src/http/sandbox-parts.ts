import type { SandboxGoogle } from '../google/google.js';
import type { SandboxMailbox } from '../mailbox/mailbox.js';
import type { SandboxMicrosoft } from '../microsoft/microsoft.js';
import type { SandboxModule } from '../module/parent-meetings.js';
import type { World } from '../world/world.js';

/** What the routes of the one server are made of. */
export interface SandboxParts {
  world: World;
  google: SandboxGoogle;
  microsoft: SandboxMicrosoft;
  mailbox: SandboxMailbox;
  module: SandboxModule;
  autoConsent: (on: boolean) => void;
}
