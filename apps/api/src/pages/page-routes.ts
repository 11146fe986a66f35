const id = (value: string) => encodeURIComponent(value);

/** The browser's own routes that forms and links of the pages use; all answer a form POST with 303. */
export const pageRoutes = {
  home: '/',
  leave: '/leave',
  enter: '/enter',
  privacy: '/privacy',
  whatWeStore: '/what-we-store',
  /** GET; POST `name`, `email`, `locale`, `about?`. */
  ownData: '/me/data',
  /** POST `sure` (`true`). */
  eraseOwnData: '/me/data/erasure',
  /** POST, no fields. */
  endOwnSessions: '/me/sessions/end',
  endSessions: (person: string) => `/people/${id(person)}/sessions/end`,
  personData: (person: string) => `/v1/people/${id(person)}/data`,
  erasure: (erasure: string) => `/me/erasures/${id(erasure)}`,
  erasureJson: (erasure: string) => `/v1/erasures/${id(erasure)}`,
  /** The same as a file; `format` is json or html. */
  exported: (person: string, format: 'json' | 'html') => `/v1/people/${id(person)}/export?format=${format}`,
  erasuresJson: '/v1/erasures',
  auditJson: '/v1/audit',
  auditVerdictJson: '/v1/audit/verify',
  docs: '/docs',
  ops: '/ops',
  queues: '/ops/queues',
  stylesheet: '/assets/site.css',
  script: '/assets/live.js',
  connect: (login: string, to: string) => `/login/${id(login)}?to=${id(to)}`,
  /** POST `to`, `everywhere?`. */
  forget: (login: string) => `/login/${id(login)}/forget`,
  evening: (evening: string) => `/evenings/${id(evening)}`,
  /** POST `provider`, `onlyMissing?` (`true`). */
  addConferences: (evening: string) => `/evenings/${id(evening)}/conferences`,
  /** POST `from`, `provider`. */
  takeOverEvening: (evening: string) => `/evenings/${id(evening)}/take-over`,
  retry: (evening: string, timeslot: string) => `/evenings/${id(evening)}/timeslots/${id(timeslot)}/retry`,
  remove: (evening: string, timeslot: string) => `/evenings/${id(evening)}/timeslots/${id(timeslot)}/remove`,
  /** POST `from`, `provider`. */
  takeOver: (evening: string, timeslot: string) => `/evenings/${id(evening)}/timeslots/${id(timeslot)}/take-over`,
  progressStream: (evening: string) => `/v1/evenings/${id(evening)}/progress/stream`,
  visits: '/v1/visits',
  me: '/v1/me',
} as const;
