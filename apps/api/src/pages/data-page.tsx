import type { DataJson } from '../rights/data-json.js';
import { pageRoutes } from './page-routes.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { DataLabel, UiTexts } from './texts/ui-texts.js';
import type { DataModel } from './view-models.js';

type Value = string | boolean | null | undefined;
type Line = Readonly<Partial<Record<DataLabel, Value>>>;

/** Everything that is held about a person, to read (R13): the own page, the copy to take along, and what a privacy officer sees. */
export function renderDataPage(model: DataModel): string {
  const { locale, texts } = uiTexts(model.frame);
  const t = texts.data;
  const { data, correct } = model;
  const timeZone = data.school?.timeZone ?? 'UTC';
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });
  const instant = (date: Date) => format.format(date);
  const show = (line: Line) => <Line line={line} texts={texts} show={instant} />;
  const list = (title: string, lines: readonly Line[], intro?: string) => (
    <section class="card">
      <h2>{title}</h2>
      {intro !== undefined && <p class="soft">{intro}</p>}
      {lines.length === 0 ? <p>{t.none}</p> : lines.map(show)}
    </section>
  );
  return renderPage(
    { frame: model.frame, title: t.title },
    <>
      <h1>{correct ? t.title : t.about(data.id)}</h1>
      {correct?.saved === true && (
        <p class="card" role="status">
          {t.saved}
        </p>
      )}
      {correct && <p>{isNothing(data) ? t.nothing : t.intro}</p>}
      <section class="card">
        <h2>{t.person}</h2>
        {data.person
          ? show({
              id: data.id,
              ...data.person,
              source: t.source[data.person.source === 'corrected here' ? 'corrected' : 'told'],
            })
          : show({ id: data.id })}
      </section>
      {data.contact && list(t.contact, [data.contact])}
      {data.asParent.length > 0 &&
        list(
          t.asParent,
          data.asParent.map(({ teacher, ...slot }) => ({ ...slot, teacher: teacher.name })),
        )}
      {data.asTeacher.length > 0 && list(t.asTeacher, data.asTeacher)}
      {data.meetings.length > 0 && list(t.meetings, data.meetings)}
      {data.messages.length > 0 && list(t.messages, data.messages)}
      {list(
        t.looks,
        data.looks.map(({ by, ...look }) => ({
          ...look,
          by: [by.role ?? by.kind, 'id' in by ? by.id : null].filter(Boolean).join(' '),
        })),
        t.looksIntro,
      )}
      {correct && data.person && <Correct data={data} person={data.person} texts={texts} />}
      {correct && (
        <section class="card">
          <h2>{t.takeAlong}</h2>
          <ul class="links">
            <li>
              <a href={pageRoutes.exported(data.id, 'json')}>{t.asJson}</a>
            </li>
            <li>
              <a href={pageRoutes.exported(data.id, 'html')}>{t.asPage}</a>
            </li>
          </ul>
        </section>
      )}
    </>,
  );
}

const isNothing = (data: DataJson) =>
  !data.person && !data.contact && data.asParent.length + data.asTeacher.length + data.meetings.length === 0;

const Line = ({ line, texts, show }: { line: Line; texts: UiTexts; show: (instant: Date) => string }) => (
  <dl class="facts">
    {Object.entries(line).flatMap(([name, value]) => {
      if (value === null || value === undefined || value === '') return [];
      return [
        <dt>{texts.data.labels[name as DataLabel]}</dt>,
        <dd>
          <bdi>{said(value, texts, show)}</bdi>
        </dd>,
      ];
    })}
  </dl>
);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function said(value: string | boolean, texts: UiTexts, show: (instant: Date) => string): string {
  if (typeof value === 'boolean') return value ? texts.data.yes : texts.data.no;
  return INSTANT.test(value) ? show(new Date(value)) : value;
}

const Correct = (props: { data: DataJson; person: NonNullable<DataJson['person']>; texts: UiTexts }) => {
  const t = props.texts.data;
  const { person, data } = props;
  // One field for one child: where the slots are about several, saving must not give all of them one name.
  const children = new Set(data.asParent.flatMap(({ about }) => (about === null ? [] : [about])));
  const [about = ''] = children;
  return (
    <section class="card">
      <h2>{t.correct}</h2>
      <p class="soft">{t.correctIntro}</p>
      <form method="post" action={pageRoutes.ownData} class="fields">
        <label>
          {t.labels.name}
          <input type="text" name="name" value={person.name} maxLength={200} required autocomplete="name" />
        </label>
        <label>
          {t.labels.email}
          <input type="email" name="email" value={person.email} maxLength={254} required autocomplete="email" />
        </label>
        <label>
          {t.labels.locale}
          <input type="text" name="locale" value={person.locale} maxLength={35} required />
        </label>
        {data.asParent.length > 0 && children.size <= 1 && (
          <label>
            {t.labels.about}
            <input type="text" name="about" value={about} maxLength={200} />
          </label>
        )}
        <button class="primary">{t.save}</button>
      </form>
    </section>
  );
};
