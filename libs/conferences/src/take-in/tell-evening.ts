import type { Batch } from './batch.js';
import { comesAfter, type Told } from './comes-after.js';

/** The evening's name, as the latest (time, id) that spoke of it gives it. */
export async function tellEvening(
  batch: Batch,
  schoolId: string,
  evening: { id: string; name: string },
  told: Told,
): Promise<void> {
  const known = batch.evening(schoolId, evening.id);
  if (known && !comesAfter(told, { at: known.toldAt, id: known.toldId })) return;
  const nameSealed = await batch.keys.seal(evening.name, {
    table: 'evenings',
    column: 'name_sealed',
    row: evening.id,
    school: schoolId,
  });
  const row = known ?? { schoolId, id: evening.id };
  batch.changeEvening(Object.assign(row, { nameSealed, toldAt: told.at, toldId: told.id }));
}
