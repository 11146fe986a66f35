import { conferenceView, type Slot } from '#libs/conferences';
import type { Composed, DeliveryDeps, DeliveryRow } from './delivery-row.js';

/** To programs: ids, a version and a state, never a URL or a name. */
export function composeAnnouncement(deps: DeliveryDeps, delivery: DeliveryRow, slot: Slot, now: Date): Composed {
  const view = conferenceView(slot, now);
  return {
    channel: 'webhook',
    kind: delivery.kind,
    message: {
      specversion: '1.0',
      id: delivery.id,
      source: deps.appUrl,
      type: `videoconferences.conference.${delivery.kind}.v1`,
      subject: delivery.timeslotId,
      time: delivery.createdAt.toISOString(),
      datacontenttype: 'application/json',
      data: {
        school: { id: delivery.schoolId },
        timeslot: { id: delivery.timeslotId, version: slot.timeslot.version },
        status: view.status,
        joinable: view.joinable,
      },
    },
  };
}
