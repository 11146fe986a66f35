/** The events that the parent-meetings module sends (contract.md, "Events in"). */
export interface SlotData {
  school: { id: string; name: string; timeZone: string; locale: string };
  evening: { id: string; name: string };
  timeslot: { id: string; version: number; start: string; end: string; status: 'planned' | 'cancelled' };
  teacher: Person;
  parents: Parent[];
  conference?: { provider: 'google-meet' | 'microsoft-teams' } | null;
}

export interface Person {
  id: string;
  name: string;
  email: string;
  locale: string;
}

export interface Parent extends Person {
  household?: string;
  about?: string;
}

export interface ModuleEvent<Data = unknown> {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  /** RFC 3339. */
  time: string;
  subject?: string;
  datacontenttype: 'application/json';
  data: Data;
}

export type SlotEvent = ModuleEvent<SlotData>;

export const EVENT_SOURCE = 'urn:parent-meetings:sandbox';

/** The whole slot as it is now. Its id holds the instant too: the same id with another body would be refused (contract.md, 409). */
export const slotChanged = (data: SlotData, time: Date): SlotEvent => ({
  specversion: '1.0',
  id: `${data.school.id}:${data.timeslot.id}:${data.timeslot.version}:${time.getTime().toString(36)}`,
  source: EVENT_SOURCE,
  type: 'parentmeetings.timeslot.changed.v1',
  time: time.toISOString(),
  subject: data.timeslot.id,
  datacontenttype: 'application/json',
  data: structuredClone(data),
});
