export type {
  EventData,
  EventType,
  ParentMeetingsEvent,
  PersonChanged,
  PersonData,
  PersonLeft,
  SchoolChanged,
  SchoolData,
  TimeslotChanged,
} from './event-types.js';
