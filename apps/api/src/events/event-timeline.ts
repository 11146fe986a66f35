import { type Em, rows, sql } from '#libs/database';

export interface TimelineStep {
  readonly at: Date;
  readonly step: string;
  readonly detail?: string;
}

export interface EventTimeline {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly receivedAt: Date;
  readonly status: string;
  readonly steps: readonly TimelineStep[];
}

/** What became of an event, from what Postgres knows of its slot, and whose it is. Ids, states and codes only: no name, no URL. */
export async function eventTimeline(
  em: Em,
  source: string,
  id: string,
  schoolId: string | null,
): Promise<{ schoolId: string; timeline: EventTimeline } | null> {
  const [event] = await rows(
    em,
    sql<{
      schoolId: string;
      type: string;
      receivedAt: Date;
      status: string;
      timeslotId: string | null;
    }>`select school_id, type, received_at, status, timeslot_id from inbox where source = ${source} and id = ${id} and (${schoolId}::text is null or school_id = ${schoolId})`,
  );
  if (!event) return null;
  const steps: TimelineStep[] = [{ at: event.receivedAt, step: 'received', detail: event.status }];
  if (event.timeslotId !== null) {
    const meetings = await rows(
      em,
      sql<{
        generation: number;
        provider: string;
        state: string;
        reason: string | null;
        createdAt: Date;
        settledAt: Date | null;
      }>`
      select generation, provider, state, reason, created_at, settled_at from meetings where school_id = ${event.schoolId} and timeslot_id = ${event.timeslotId} order by generation`,
    );
    for (const meeting of meetings) {
      const name = `generation ${meeting.generation} at ${meeting.provider}`;
      steps.push({ at: meeting.createdAt, step: 'meeting-wanted', detail: name });
      if (meeting.settledAt) steps.push({ at: meeting.settledAt, step: 'meeting-settled', detail: name });
      steps.push({
        at: meeting.settledAt ?? meeting.createdAt,
        step: 'meeting-state',
        detail: `${name}: ${meeting.state}${meeting.reason ? ` (${meeting.reason})` : ''}`,
      });
    }
    const messages = await rows(
      em,
      sql<{ kind: string; channel: string; state: string; createdAt: Date; sentAt: Date | null }>`
      select kind, channel, state, created_at, sent_at from deliveries where school_id = ${event.schoolId} and timeslot_id = ${event.timeslotId} order by created_at`,
    );
    for (const message of messages)
      steps.push({
        at: message.sentAt ?? message.createdAt,
        step: message.sentAt ? 'message-sent' : 'message-planned',
        detail: `${message.kind} by ${message.channel}: ${message.state}`,
      });
  }
  const timeline = {
    source,
    id,
    type: event.type,
    receivedAt: event.receivedAt,
    status: event.status,
    steps: steps
      .filter((step) => step.at >= event.receivedAt || step.step === 'received')
      .sort((a, b) => a.at.getTime() - b.at.getTime()),
  };
  return { schoolId: event.schoolId, timeline };
}
