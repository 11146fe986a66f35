import type { DependencyHealth } from '#libs/platform';
import { WrappingFailed, type KeyWrapper } from './key-wrapper.js';

/** The same wrapper, which also keeps whether the key service answers. A key that is refused says nothing of the service. */
export function reportingWrapper(wrapper: KeyWrapper, health: DependencyHealth): KeyWrapper {
  const reported = async <T>(ask: Promise<T>): Promise<T> => {
    try {
      const answer = await ask;
      health.answered('key-management');
      return answer;
    } catch (error) {
      if (error instanceof WrappingFailed && isAway(error)) health.failed('key-management', error.code.toUpperCase());
      throw error;
    }
  };
  return {
    index: wrapper.index,
    activeKid: () => wrapper.activeKid(),
    kids: () => wrapper.kids(),
    wrap: (key, owner) => reported(wrapper.wrap(key, owner)),
    unwrap: (wrapped, owner) => reported(wrapper.unwrap(wrapped, owner)),
  };
}

/** The keys cannot be had now: another try may work, and whoever asked did nothing wrong. */
export const isAway = ({ code }: WrappingFailed): boolean => code === 'unavailable' || code === 'denied';
