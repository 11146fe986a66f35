import type { Slot } from './model.js';

/** A newer wish starts a meeting again that a person had to look at. */
export function restartStuck(slot: Slot): void {
  for (const meeting of slot.meetings)
    if (meeting.state === 'stuck') Object.assign(meeting, { state: 'pending', reason: null, failures: 0, starts: 0 });
}
