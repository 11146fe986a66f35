import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { StoredModel } from './view-models.js';

/** `/what-we-store`: every column of every table, made from the tables themselves (R9). */
export function renderStoredPage({ frame, columns }: StoredModel): string {
  const { texts } = uiTexts(frame);
  const t = texts.stored;
  const tables = Map.groupBy(columns, ({ table }) => table);
  return renderPage(
    { frame, title: t.title },
    <>
      <h1>{t.title}</h1>
      {t.intro.map((sentence) => (
        <p>{sentence}</p>
      ))}
      {Array.from(tables, ([table, own]) => (
        <section class="card">
          <h2>{table}</h2>
          <p>{own[0]!.about}</p>
          <p class="soft">
            {t.basis}: {own[0]!.basis}
          </p>
          <p class="soft">
            {t.retention}: {own[0]!.retention}
          </p>
          <div class="scroll">
            <table class="stacked">
              <caption class="hidden">{table}</caption>
              <thead>
                <tr>
                  <th scope="col">{t.column}</th>
                  <th scope="col">{t.purpose}</th>
                  <th scope="col">{t.personal}</th>
                  <th scope="col">{t.sealed}</th>
                </tr>
              </thead>
              <tbody>
                {own.map((column) => (
                  <tr>
                    <th scope="row">{column.column}</th>
                    <td data-label={t.purpose}>{column.purpose}</td>
                    <td data-label={t.personal}>{t.personalWord[column.personal]}</td>
                    <td data-label={t.sealed}>{column.sealed ? texts.data.yes : texts.data.no}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </>,
  );
}
