import { Secret } from '#libs/encryption';
import { aFrame, aHome, aJoin, aRow, anEvening } from '../../../../test/factories/page-samples.js';
import { renderEveningPage } from './evening-page.js';
import { renderHomePage } from './home-page.js';
import { renderJoinPage } from './join-page.js';

const owner = { id: 'tombstone', name: '', account: new Secret('') };
const erased = { id: 'tombstone', name: '' };

describe('R14 who was erased has no name on any page, and no page prints an empty one', () => {
  it.each([
    ['nl', 'iemand die is gewist', 'account van iemand die is gewist', 'de leraar'],
    ['en', 'somebody who was erased', 'account of somebody who was erased', 'the teacher'],
  ])('in %s', (locale, person, account, teacher) => {
    const frame = aFrame({ locale });
    const [colleague] = anEvening().colleagues;
    const evening = renderEveningPage(
      anEvening({ frame, colleagues: [{ ...colleague!, teacher: erased, rows: [aRow({ owner })] }] }),
    );
    expect(evening).toContain(`<bdi>${person}</bdi>`);
    expect(evening).toContain(`<bdi>${account}</bdi>`);
    expect(evening).not.toMatch(/mailto:"|<a class="account"[^>]*><\/a>/);
    const [own] = aHome().conferences!;
    const home = renderHomePage(aHome({ frame, conferences: [{ ...own!, teacherName: '' }] }));
    const join = renderJoinPage(aJoin({ kind: 'removed' }, { frame, teacherName: '', ownerName: null }));
    for (const html of [home, join]) expect(html).toContain(`<bdi>${teacher}</bdi>`);
    for (const html of [evening, home, join]) expect(html).not.toContain('<bdi></bdi>');
  });
});
