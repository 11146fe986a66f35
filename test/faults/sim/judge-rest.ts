import { rows, sql } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import type { World } from './world.js';

export const isAtRest = async (world: World): Promise<boolean> => (await stillDue(world)).length === 0;

/** All work is done: nothing stays due or on a queue (invariant 9), and no URL stands twice. */
export async function judgeRest(world: World): Promise<void> {
  const left = await stillDue(world);
  for (const row of left) world.trace?.push(`  due: ${JSON.stringify(row)}`);
  for (const name of QUEUES)
    for (const job of world.queues[name].jobs.values()) world.trace?.push(`  job: ${JSON.stringify(job)}`);
  if (left.length > 0)
    for (const row of await world.look((em) => rows(em, sql`select * from pauses`)))
      world.trace?.push(`  pause: ${JSON.stringify(row)}`);
  if (left.length > 0) world.violation(`I9 ${left.length} rows stay due: ${left.map(({ queue }) => queue).join()}`);
  for (const name of QUEUES) {
    const jobs = [...world.queues[name].jobs.values()].filter((job) => job.state !== 'failed');
    if (jobs.length > 0) world.violation(`I9 ${jobs.length} jobs stay on ${name}`);
  }
  const urls = await world.look((em) =>
    rows(
      em,
      sql<{
        n: number;
      }>`select count(*) as n from meetings where url_index is not null group by url_index having count(*) > 1`,
    ),
  );
  if (urls.length > 0) world.violation('P4 two timeslots share a URL');
}

/** A look at what was made comes again after each visit: that is no work left undone. */
function stillDue(world: World) {
  return world.look((em) =>
    rows(
      em,
      sql<{ queue: string }>`select d.* from dispatches d left join meetings m on m.id = d.subject_id
    where m.id is null or m.state <> 'settled' or m.verify_at is null or d.due_at <= ${world.clock.now()}`,
    ),
  );
}
