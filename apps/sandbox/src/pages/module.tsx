import type { SlotData } from '../module/events.js';
import type { Member } from '../module/parent-meetings.js';
import { Layout } from './layout.js';

const GROUPS: readonly (readonly [string, string])[] = [
  ['teacher', 'Teachers'],
  ['parent', 'Parents'],
  ['admin', 'Office'],
  ['privacy', 'Privacy'],
  ['ops', 'Operations'],
];

export const ModulePage = (props: { members: Member[]; slots: SlotData[] }) => (
  <Layout title="De Regenboog (sandbox)" wide>
    <p class="soft">Parent meetings · sandbox</p>
    <h1>De Regenboog</h1>
    <Evening slots={props.slots} />
    <h2>Who are you?</h2>
    {GROUPS.map(([role, title]) => {
      const people = props.members.filter(({ roles }) => roles.includes(role));
      return (
        people.length > 0 && (
          <form method="post" action="/module/sign-in" key={role}>
            <fieldset>
              <legend>{title}</legend>
              <div class="people">
                {people.map(({ id, name, email }) => (
                  <button type="submit" name="person" value={id} key={id}>
                    {name}
                    <small>{email}</small>
                  </button>
                ))}
              </div>
            </fieldset>
          </form>
        )
      );
    })}
  </Layout>
);

const Evening = ({ slots }: { slots: SlotData[] }) => (
  <>
    <form method="post" action="/module/plan">
      <p>
        {slots.length === 0
          ? 'No evening is planned yet. '
          : `${slots[0]?.evening.name}: ${slots.length} conversations, ${slots[0]?.timeslot.start.slice(0, 10)}. `}
        <button type="submit" class="main">
          {slots.length === 0 ? 'Plan the evening' : 'Send the plan again'}
        </button>
      </p>
    </form>
    {slots.length > 0 && (
      <details open={slots.length <= 20}>
        <summary>The evening’s plan</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Teacher</th>
              <th scope="col">Family</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {slots.map((slot) => (
              <Slot slot={slot} key={slot.timeslot.id} />
            ))}
          </tbody>
        </table>
      </details>
    )}
  </>
);

const Slot = ({ slot: { timeslot, teacher, parents } }: { slot: SlotData }) => (
  <tr class={timeslot.status}>
    <td>
      {timeslot.start.slice(11, 16)}–{timeslot.end.slice(11, 16)}
    </td>
    <td>{teacher.name}</td>
    <td>{parents.map(({ name }) => name).join(', ')}</td>
    <td>
      {(timeslot.status === 'planned' ? PLANNED : CANCELLED).map(([change, label]) => (
        <form method="post" action={`/module/slots/${encodeURIComponent(timeslot.id)}/${change}`} key={change}>
          <button type="submit" class="small" aria-label={`${label}: ${timeslot.start.slice(11, 16)} ${teacher.name}`}>
            {label}
          </button>
        </form>
      ))}
    </td>
  </tr>
);

const PLANNED = [
  ['now', 'Begins now'],
  ['move', '10 minutes later'],
  ['cancel', 'Cancel'],
] as const;
const CANCELLED = [['restore', 'Plan again']] as const;
