import { PERIODS } from '#libs/privacy';
import type { DataJson } from '../rights/data-json.js';
import { pageRoutes } from './page-routes.js';
import type { CorrectionField } from './texts/own-data-texts.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { DataModel } from './view-models.js';

type Own = NonNullable<DataModel['own']>;

/** What is wrong stands beside its field, and what was typed stays. */
export const CorrectForm = (props: {
  data: DataJson;
  person: NonNullable<DataJson['person']>;
  wrong: Own['wrong'];
  texts: UiTexts;
}) => {
  const { person, data, wrong } = props;
  const { data: t, ownData } = props.texts;
  // One field for one child: where the slots are about several, saving must not give all of them one name.
  const children = new Set(data.asParent.flatMap(({ about }) => (about === null ? [] : [about])));
  const [about = ''] = children;
  const field = (name: CorrectionField, held: string, rules: Readonly<Record<string, string | number | boolean>>) => {
    const isWrong = wrong?.fields.includes(name) === true;
    return (
      <div class="field">
        <label>
          {t.labels[name]}
          <input
            name={name}
            value={wrong?.typed[name] ?? held}
            {...rules}
            {...(isWrong && { 'aria-invalid': 'true', 'aria-describedby': `${name}-wrong` })}
          />
        </label>
        {isWrong && (
          <p class="wrong" id={`${name}-wrong`}>
            {ownData.wrong[name]}
          </p>
        )}
      </div>
    );
  };
  return (
    <section class="card" id="correct">
      <h2>{t.correct}</h2>
      <p class="soft">{t.correctIntro}</p>
      {wrong && (
        <p class="wrong" role="alert">
          {ownData.notSaved}
        </p>
      )}
      <form method="post" action={pageRoutes.ownData} class="fields">
        {field('name', person.name, { type: 'text', maxLength: 200, required: true, autocomplete: 'name' })}
        {field('email', person.email, { type: 'email', maxLength: 254, required: true, autocomplete: 'email' })}
        {field('locale', person.locale, { type: 'text', maxLength: 35, required: true })}
        {data.asParent.length > 0 && children.size <= 1 && field('about', about, { type: 'text', maxLength: 200 })}
        <button class="primary">{t.save}</button>
      </form>
    </section>
  );
};

/** Says in plain words what will happen, what stays and who hears of it, before the one button that cannot be taken back. */
export const EraseForm = ({ data, notSure, texts }: { data: DataJson; notSure: boolean; texts: UiTexts }) => {
  const t = texts.ownData.erase;
  const isOwner = data.asTeacher.length + data.meetings.length > 0;
  const list = (title: string, sentences: readonly string[]) => (
    <>
      <h3>{title}</h3>
      <ul>
        {sentences.map((sentence) => (
          <li>{sentence}</li>
        ))}
      </ul>
    </>
  );
  return (
    <section class="card" id="erase">
      <h2>{t.title}</h2>
      <p>{t.intro}</p>
      {list(t.happensTitle, [...t.happens, ...(isOwner ? t.happensTeacher(PERIODS.erasureDueDays) : [])])}
      {list(t.keptTitle, t.kept(Math.round(PERIODS.timeslotDays / 365), PERIODS.backupDays))}
      {list(t.toldTitle, [...(isOwner ? [t.toldTeacher] : []), ...t.told])}
      <form method="post" action={pageRoutes.eraseOwnData} class="fields">
        <div class="field">
          <label class="tick">
            <input
              type="checkbox"
              name="sure"
              value="true"
              required
              {...(notSure && { 'aria-invalid': 'true', 'aria-describedby': 'sure-wrong' })}
            />
            {t.sure}
          </label>
          {notSure && (
            <p class="wrong" id="sure-wrong" role="alert">
              {t.notSure}
            </p>
          )}
        </div>
        <button class="danger">{t.go}</button>
      </form>
    </section>
  );
};
