import { whatWeStore } from './what-we-store.js';

/** A data processing agreement to start from (GDPR art. 28); its annex is made from the tables. */
export async function processingAgreement(): Promise<string> {
  const personal = (await whatWeStore('en')).filter((column) => column.personal === 'yes');
  const annex = Array.from(
    Map.groupBy(personal, ({ table }) => table),
    ([table, columns]) =>
      `| ${table} | ${[...new Set(columns.map(({ purpose }) => purpose))].join('; ')} | ${columns[0]!.retention} |`,
  );
  return `# Data processing agreement (template)

Made by \`npm run privacy:documents\`; a test fails when its annex is behind the tables. A template, not legal advice: have it read
by your own counsel, and fill in what stands in [brackets].

Between **[school]** (the controller) and **[operator]** (the processor), for the use of Video Conferences for Parent Meetings.

1. **Subject.** The processor makes one video meeting per timeslot in the account of the teacher, tells parents of it, and lets the
   right people have the link. It works on the documented instructions of the controller: the events that the controller's
   parent-meetings module sends, the wishes of its teachers, and this agreement.
2. **Confidentiality.** Whoever works for the processor is bound to secrecy, reaches personal data for support only and with a
   personal account, and every look and change is written down in an audit that the controller can read and verify.
3. **Security.** The measures of annex B. The processor may better them, never weaken them.
4. **Others.** No other processor without the controller's written consent. Those in use: [hosting, mail relay, each with place].
   The meeting itself is held with Google or Microsoft under the controller's own contract with them.
5. **Place.** All data stay in the European Economic Area: [region].
6. **Rights of persons.** Persons see, correct and take along their data themselves; the controller's privacy officer can do it for
   them. A request that reaches the processor is passed on within two working days.
7. **Breaches.** The processor tells the controller without delay, within 24 hours of finding out: what, whose, how many, what was done.
8. **Help.** With impact assessments, audits and questions of the authority, at [terms].
9. **Audit.** The controller may have the processing audited once a year, and after each breach. The audit chain can be verified
   at any time (\`GET /v1/audit/verify\`).
10. **End.** On the end of the agreement the processor erases the data of the school within 30 days; backups are gone 29 days later.

[place, date, names, signatures]

## Annex A: personal data

Persons: parents and guardians, teachers, contacts of the school. Of children at most a first name.

| table | what | until |
|---|---|---|
${annex.join('\n')}

## Annex B: measures

- Personal columns sealed under a key per person or school; wrapping keys outside the database.
- TLS to the browser, the database, the queue and the mail server; production does not start without.
- Teachers' Google and Microsoft logins live in an encrypted cookie in their own browser and nowhere else at rest.
- A parent sees the link of the own slot only, near its time; whoever is taken off a slot loses it at once.
- No trackers, no parts of other websites; Google and Microsoft learn nothing about families from the processor.
- Audit: append-only, hash chain, signed checkpoints outside the database.
- Weaknesses are reported to [SECURITY_CONTACT] (\`/.well-known/security.txt\`).
`;
}
