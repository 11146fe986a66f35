import { errorPlace } from '#libs/platform';

/**
 * What a queue may keep of a failure: a code and a place in our own code. BullMQ stores the message and the stack, so
 * nothing that a library or a provider said may be in them.
 */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';

  constructor(code: string) {
    super(code);
    delete this.stack;
  }

  static from(error: unknown): JobFailed {
    if (error instanceof JobFailed) return error;
    const { kind, at, code } = errorPlace(error);
    return new JobFailed([kind, code, at].filter(Boolean).join(' '));
  }
}
