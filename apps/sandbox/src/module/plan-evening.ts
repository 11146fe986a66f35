import { slotChanged, type SlotData, type SlotEvent } from './events.js';
import { atLocalTime, localDate, withOffset } from './local-time.js';
import { parentAt, teacherAt } from './people.js';

export interface EveningPlan {
  teachers: number;
  slotsPerTeacher: number;
  /** Wanted for every slot from the start; absent: the teachers press the button themselves. */
  provider?: 'google-meet' | 'microsoft-teams';
  schoolId?: string;
  /** `e-` and the date when absent, so that each day's demo has an evening of its own. */
  eveningId?: string;
  /** RFC 3339; absent: tomorrow at 19:00 in the school's zone. */
  start?: string;
}

export const SCHOOL = { name: 'De Regenboog', timeZone: 'Europe/Amsterdam', locale: 'nl' };
export const SCHOOL_DOMAIN = 'regenboog.example';
const SLOT_MS = 10 * 60_000;

/** An evening with slots of ten minutes, a family in each. The same wish gives the same ids and people in every run. */
export const planEvening = (plan: EveningPlan, now: Date): SlotEvent[] => {
  const { schoolId = 's-regenboog', provider } = plan;
  const { timeZone } = SCHOOL;
  const start = Date.parse(plan.start ?? atLocalTime(localDate(now, timeZone, 1), '19:00', timeZone));
  const eveningId = plan.eveningId ?? `e-${localDate(new Date(start), timeZone)}`;
  const at = (slot: number) => withOffset(new Date(start + slot * SLOT_MS), timeZone);
  return Array.from({ length: plan.teachers * plan.slotsPerTeacher }, (_, index) => {
    const [teacher, slot] = [Math.trunc(index / plan.slotsPerTeacher), index % plan.slotsPerTeacher];
    const data: SlotData = {
      school: { id: schoolId, ...SCHOOL },
      evening: { id: eveningId, name: 'Oudergesprekken' },
      timeslot: {
        id: `${eveningId}-t${teacher + 1}-${slot + 1}`,
        version: 1,
        start: at(slot),
        end: at(slot + 1),
        status: 'planned',
      },
      teacher: teacherAt(teacher, SCHOOL_DOMAIN),
      parents: [parentAt(index)],
      ...(provider === undefined ? {} : { conference: { provider } }),
    };
    return slotChanged(data, now);
  });
};
