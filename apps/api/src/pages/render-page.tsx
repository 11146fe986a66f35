import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { pageRoutes } from './page-routes.js';
import { uiTexts } from './texts/catalogues.js';
import type { Frame } from './view-models.js';

export interface PageOptions {
  readonly frame: Frame;
  readonly title: string;
  /** Loads the live script, and reloads every 20 seconds where scripts are off. */
  readonly live?: boolean;
}

/**
 * A whole HTML document. No inline script or style and nothing from another host, so that
 * `default-src 'self'` is policy enough. The referrer policy is the header's: see http/edge.ts.
 */
export function renderPage(options: PageOptions, content: ComponentChildren): string {
  const { frame, title } = options;
  const { locale, texts } = uiTexts(frame);
  const name = frame.schoolName ?? texts.product;
  return `<!doctype html>${renderToString(
    <html lang={locale} dir={texts.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${name}`}</title>
        <link rel="stylesheet" href={pageRoutes.stylesheet} />
        {options.live === true && <script type="module" src={pageRoutes.script} />}
        {options.live === true && (
          <noscript>
            <meta http-equiv="refresh" content="20" />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#content">
          {texts.skip}
        </a>
        <header class="top">
          <a class="brand" href={pageRoutes.home}>
            <bdi>{name}</bdi>
          </a>
          {typeof frame.signedInAs === 'string' && (
            <form method="post" action={pageRoutes.leave} class="who">
              <bdi>{frame.signedInAs}</bdi>
              <button class="quiet">{texts.leave}</button>
            </form>
          )}
        </header>
        <main id="content">{content}</main>
        <footer>
          <a href={pageRoutes.privacy}>{texts.privacyLink}</a>
          {typeof frame.signedInAs === 'string' && <a href={pageRoutes.ownData}>{texts.dataLink}</a>}
        </footer>
      </body>
    </html>,
  )}`;
}
