import { whatWeStore, type StoredColumn } from './what-we-store.js';

const HEAD = `# Record of processing activities

Made by \`npm run privacy:documents\` from the tables of the database; a test fails when it is behind. GDPR art. 30(2): the record
of a processor. What stands in [brackets] is for whoever runs the product to fill in.

| | |
|---|---|
| Processor | [name, address, contact; data protection officer where there is one] |
| Controllers | the schools that take part, each for its own families and staff |
| Purpose | video conferences for parent meetings: one meeting per timeslot, in the teacher's own account, with a private link for each parent |
| Persons | parents and guardians, teachers, contacts of the school, staff of the processor; of children at most a first name |
| Recipients | nobody. Mails go to the parents and teachers themselves. The meeting is made in the school's own Google or Microsoft account, without names of parents or children |
| Other processors | [hosting, mail relay: name, place, agreement] |
| Outside the EEA | no; production refuses hosts that are not in \`ALLOWED_HOSTS\` (R11). Place: [REGION] |
| Security | names, addresses, accounts, links and ids at the provider are sealed (AES-256-GCM) under a key per person or school, wrapped by a key ring outside the database; TLS to everything; looks and changes of staff in an audit that cannot be altered unseen; teachers' logins are nowhere at rest (R4). See [the promises](../promises.md) |
| Never kept | logins, tokens and visit times of teachers; the text of mails; what is said in a meeting |

## What is kept
`;

/** One table per table, as Markdown. */
export async function processingRecord(): Promise<string> {
  const tables = Map.groupBy(await whatWeStore('en'), ({ table }) => table);
  return `${HEAD}\n${Array.from(tables, ([table, columns]) => section(table, columns)).join('\n')}`;
}

const PERSONAL = { yes: 'yes', id: 'points to a person', no: 'no' } as const;

function section(table: string, columns: readonly StoredColumn[]): string {
  const [{ about, basis, retention }] = columns as [StoredColumn];
  const lines = columns.map(
    ({ column, purpose, personal, sealed }) =>
      `| \`${column}\` | ${purpose} | ${PERSONAL[personal]} | ${sealed ? 'yes' : 'no'} |`,
  );
  return `### ${table}

${about}

- Ground: ${basis}
- Kept: ${retention}

| column | purpose | personal | sealed |
|---|---|---|---|
${lines.join('\n')}
`;
}
