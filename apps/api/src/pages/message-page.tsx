import { renderPage } from './render-page.js';
import type { MessageModel } from './view-models.js';

/** A title, some sentences and a way back. */
export const renderMessagePage = (model: MessageModel): string =>
  renderPage(
    { frame: model.frame, title: model.title },
    <>
      <h1>{model.title}</h1>
      <section class="card">
        {model.sentences.map((sentence) => (
          <p>{sentence}</p>
        ))}
        {model.back !== undefined && (
          <p>
            <a class="button" href={model.back.path}>
              {model.back.label}
            </a>
          </p>
        )}
      </section>
    </>,
  );
