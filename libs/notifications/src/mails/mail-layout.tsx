import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** Mail programs drop style sheets, so styles stand on the elements; no font, image or script comes from anywhere (R8). */
const style = {
  body: 'margin:0;padding:0;background:#f3f5f8;color:#1c2733',
  page: 'max-width:560px;margin:0 auto;padding:16px;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif',
  card: 'background:#ffffff;border-radius:12px;padding:24px',
  button:
    'display:inline-block;padding:14px 24px;border-radius:10px;background:#1f5f99;color:#ffffff;' +
    'font-weight:600;text-decoration:none',
  label: 'padding:4px 0;padding-inline-end:16px;color:#55636f;vertical-align:top;text-align:start;font-weight:400',
  value: 'padding:4px 0;font-weight:600;vertical-align:top;text-align:start',
  small: 'color:#55636f;font-size:14px',
};

export type Fact = readonly [label: string, value: string];

export interface MailPage {
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  readonly title: string;
  readonly footer: ComponentChildren;
}

/** A whole HTML document for a mail. */
export function mailDocument(page: MailPage, content: ComponentChildren): string {
  return `<!doctype html>${renderToString(
    <html lang={page.locale} dir={page.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>{page.title}</title>
      </head>
      <body style={style.body}>
        <div style={style.page}>
          <div style={style.card}>{content}</div>
          <p style={style.small}>{page.footer}</p>
        </div>
      </body>
    </html>,
  )}`;
}

export const Button = ({ href, children }: { href: string; children: ComponentChildren }) => (
  <p style="margin:24px 0">
    <a href={href} style={style.button}>
      {children}
    </a>
  </p>
);

export const Facts = ({ facts }: { facts: readonly Fact[] }) => (
  <table role="presentation" style="border-collapse:collapse">
    {facts.map(([label, value]) => (
      <tr>
        <th scope="row" style={style.label}>
          {label}
        </th>
        <td style={style.value}>
          <bdi>{value}</bdi>
        </td>
      </tr>
    ))}
  </table>
);

export const Table = ({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }) => (
  <table style="border-collapse:collapse;width:100%">
    <tr>
      {head.map((cell) => (
        <th scope="col" style={style.label}>
          {cell}
        </th>
      ))}
    </tr>
    {rows.map((row) => (
      <tr>
        {row.map((cell) => (
          <td style="padding:4px 0;padding-inline-end:16px;vertical-align:top;overflow-wrap:anywhere">
            <bdi>{cell}</bdi>
          </td>
        ))}
      </tr>
    ))}
  </table>
);

export const Small = ({ children }: { children: ComponentChildren }) => <p style={style.small}>{children}</p>;
