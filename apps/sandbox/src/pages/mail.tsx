import type { SandboxMail } from '../mailbox/mail.js';
import { Layout } from './layout.js';

const clock = (instant: string): string => instant.slice(11, 19);

export const MailListPage = (props: { mails: SandboxMail[]; to: string | undefined }) => (
  <Layout title="Mailbox (sandbox)" wide>
    <p class="soft">Mailbox · sandbox</p>
    <h1>{props.to ? `Mail to ${props.to}` : 'All mail, newest first'}</h1>
    {props.to && (
      <p>
        <a href="/mail">Show all mail</a>
      </p>
    )}
    {props.mails.length === 0 ? (
      <p>No mail yet. It appears here as soon as the product sends some; load the page again.</p>
    ) : (
      <table>
        <thead>
          <tr>
            <th scope="col">To</th>
            <th scope="col">Subject</th>
            <th scope="col">Arrived (UTC)</th>
          </tr>
        </thead>
        <tbody>
          {props.mails.map((mail) => (
            <tr key={mail.n}>
              <td>
                <a href={`/mail?to=${encodeURIComponent(mail.envelope.to[0] ?? '')}`}>{mail.envelope.to.join(', ')}</a>
              </td>
              <td>
                <a href={`/mail/${mail.n}`}>{mail.subject || 'without a subject'}</a>{' '}
                {mail.attachments.length > 0 && <span class="badge">calendar file</span>}
              </td>
              <td>{clock(mail.receivedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </Layout>
);

export const MailPage = (props: { mail: SandboxMail }) => {
  const { mail } = props;
  return (
    <Layout title={mail.subject} wide>
      <p class="soft">
        <a href="/mail">Mailbox</a> · sandbox
      </p>
      <h1>{mail.subject}</h1>
      <dl>
        <dt>From</dt>
        <dd>{mail.from}</dd>
        <dt>To</dt>
        <dd>{mail.to.join(', ')}</dd>
        <dt>Arrived</dt>
        <dd>{clock(mail.receivedAt)} UTC</dd>
      </dl>
      {mail.html && (
        <>
          <h2>As the parent sees it</h2>
          {/* No scripts; links open in a new tab, as in a mail program. */}
          <iframe
            title="The mail"
            sandbox="allow-popups allow-popups-to-escape-sandbox"
            srcdoc={`<base target="_blank">${mail.html}`}
          />
        </>
      )}
      <h2>As text</h2>
      <pre>{mail.text}</pre>
      {mail.attachments.map((file, index) => (
        <section key={file.filename + index}>
          <h2>
            {file.filename}{' '}
            <span class="badge">{file.method ? `${file.mimeType}, ${file.method}` : file.mimeType}</span>
          </h2>
          <p>
            <a href={`/mail/${mail.n}/attachments/${index}`}>Download</a>
          </p>
          {file.mimeType.startsWith('text/') && <pre>{file.content}</pre>}
        </section>
      ))}
    </Layout>
  );
};
