import { tableColumns } from '#libs/database';
import { STORE_LOCALES } from './stored-table.js';
import { REGISTER, registerFaults, whatWeStore } from './what-we-store.js';

describe('R9, R13 what we store is told column by column', () => {
  it('has an entry for every column of every table, and for nothing else', async () => {
    expect(registerFaults(await tableColumns())).toEqual([]);
  });

  it('notices a column without an entry, an entry without a column, and a name that says sealed where nothing is', async () => {
    const columns = await tableColumns();
    const more = [...columns, { table: 'people', column: 'shoe_size', sealed: false }];
    expect(registerFaults(more)).toEqual([expect.stringContaining('people.shoe_size has no entry')]);
    const fewer = columns.filter(({ column }) => column !== 'time_zone');
    expect(registerFaults(fewer)).toEqual([expect.stringContaining('schools.time_zone has an entry and is no column')]);
    const opened = columns.map((one) => (one.column === 'profile_sealed' ? { ...one, sealed: false } : one));
    expect(registerFaults(opened)).toEqual([expect.stringContaining('people.profile_sealed')]);
  });

  it.each(STORE_LOCALES)('says purpose, basis and retention of each in %s', async (locale) => {
    for (const column of await whatWeStore(locale))
      for (const said of [column.about, column.purpose, column.basis, column.retention])
        expect([column.table, column.column, said.length > 3]).toEqual([column.table, column.column, true]);
  });

  it('R5 seals names, addresses, accounts, links and what was made at the provider', async () => {
    const sealed = (await whatWeStore('en'))
      .filter(({ sealed }) => sealed)
      .map(({ table, column }) => `${table}.${column}`);
    for (const name of [
      'people.profile_sealed',
      'schools.contacts_sealed',
      'timeslot_parents.about_sealed',
      'join_links.token_sealed',
      'meetings.account_sealed',
      'meetings.made_sealed',
      'calendars.place_sealed',
      'audit_entries.actor_sealed',
      'audit_entries.about_sealed',
    ])
      expect(sealed).toContain(name);
    expect(Object.keys(REGISTER)).toContain('people');
  });
});
