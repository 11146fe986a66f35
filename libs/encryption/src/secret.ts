import { inspect } from 'node:util';

const hidden = new WeakMap<object, unknown>();

/**
 * A value that must not reach a log, an error, a job or a page by accident: printing, serialising and inspecting it
 * show `[secret]`. `reveal()` is the one way to the value, so that every use can be found by searching for it.
 */
export class Secret<T = string> {
  constructor(value: T) {
    hidden.set(this, value);
  }

  reveal(): T {
    return hidden.get(this) as T;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
