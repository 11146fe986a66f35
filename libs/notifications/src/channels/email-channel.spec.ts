import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Secret } from '#libs/encryption';
import { DeliveryError } from './delivery-error.js';
import { EmailChannel, type EmailMessage } from './email-channel.js';
import { emailFailure } from './email-failure.js';

// Real: nodemailer, a socket, an SMTP server. Nothing leaves the process.
const message = (change: Partial<EmailMessage> = {}): EmailMessage => ({
  to: { name: 'Elif Yılmaz', address: new Secret('elif@mail.example') },
  messageId: '<d1@conf.school.example>',
  subject: 'Videogesprek',
  text: 'tekst ş',
  html: '<p>html</p>',
  ...change,
});

interface World {
  readonly raw: string[];
  readonly channel: EmailChannel;
}

async function withServer(options: SMTPServerOptions, use: (world: World) => Promise<void>, requireTls = false) {
  const raw: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        raw.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.on('error', () => undefined);
  const { port } = server.server.address() as AddressInfo;
  const channel = new EmailChannel({
    smtpUrl: new Secret(`smtp://127.0.0.1:${port}/`),
    from: 'De Regenboog <no-reply@conf.school.example>',
    requireTls,
    timeoutMs: 2_000,
  });
  try {
    await use({ raw, channel });
  } finally {
    await channel.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
const failure = async (sending: Promise<void>): Promise<DeliveryError> => {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
};
const smtpError = (code: number) => Object.assign(new Error('no elif@mail.example here'), { responseCode: code });

describe('P8 a worker that was frozen says nothing late', () => {
  it('asks when the server waits for the text, and then sends none of it', async () => {
    await withServer({}, async ({ raw, channel }) => {
      let answers = 0;
      const never = () => {
        answers += 1;
        return false;
      };
      expect(await failure(channel.send(message(), never))).toMatchObject({ word: 'unavailable', code: 'too-late' });
      expect(answers).toBeGreaterThan(0);
      await channel.send(message({ text: 'in time' }), () => true);
      expect(raw).toHaveLength(1);
      expect(raw[0]).toContain('in time');
    });
  });

  it('not before: a claim that ends while the server takes its time counts', async () => {
    let isOver = false;
    const slow: SMTPServerOptions = {
      onRcptTo: (_address, _session, done) =>
        void setTimeout(() => {
          isOver = true;
          done();
        }, 50),
    };
    await withServer(slow, async ({ raw, channel }) => {
      expect(await failure(channel.send(message(), () => !isOver))).toMatchObject({ code: 'too-late' });
      expect(raw).toEqual([]);
    });
  });
});

describe('the e-mail channel', () => {
  it('sends text, HTML and the calendar file as the caller names them', async () => {
    const content = 'BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n';
    await withServer({}, async ({ raw, channel }) => {
      await channel.send(
        message({
          calendar: { method: 'PUBLISH', content },
          inReplyTo: '<d0@conf.school.example>',
          replyTo: { name: 'Anne', address: new Secret('anne@regenboog.example') },
        }),
      );
      const mail: Email = await PostalMime.parse(raw[0]!);
      expect(mail.messageId).toBe('<d1@conf.school.example>');
      expect(mail.inReplyTo).toBe('<d0@conf.school.example>');
      expect(mail.text?.trim()).toBe('tekst ş');
      expect(mail.html?.trim()).toBe('<p>html</p>');
      expect(mail.from).toMatchObject({ name: 'De Regenboog', address: 'no-reply@conf.school.example' });
      expect(mail.replyTo).toMatchObject([{ address: 'anne@regenboog.example' }]);
      expect(mail.headers.find((header) => header.key === 'auto-submitted')?.value).toBe('auto-generated');
      expect(mail.attachments).toHaveLength(1);
      expect(mail.attachments[0]).toMatchObject({
        filename: 'invite.ics',
        mimeType: 'text/calendar',
        disposition: 'attachment',
      });
      expect(raw[0]).toMatch(/Content-Type: text\/calendar; method=PUBLISH;\s+charset=utf-8/i);
      expect(raw[0]!.replace(/\s/g, '')).toContain(Buffer.from(content).toString('base64'));
    });
  });

  it('lets no name or subject add a header or a recipient', async () => {
    const evil = 'Elif"\r\nBcc: spy@evil.example\r\n\r\n<spy@evil.example>, ';
    const recipients: string[] = [];
    await withServer(
      {
        onRcptTo(address, _session, done) {
          recipients.push(address.address);
          done();
        },
      },
      async ({ raw, channel }) => {
        await channel.send(message({ to: { name: evil, address: new Secret('elif@mail.example') }, subject: evil }));
        const mail = await PostalMime.parse(raw[0]!);
        expect(recipients).toEqual(['elif@mail.example']);
        expect(mail.bcc ?? []).toEqual([]);
        expect(mail.to).toHaveLength(1);
        expect(mail.text?.trim()).toBe('tekst ş');
      },
    );
  });

  it.each(['elif', 'a@b, spy@evil.example', 'a@b\r\nBcc:x@y', '<a@b>', 'a b@c', ''])(
    'refuses the address %j before any connection',
    async (address) => {
      const channel = new EmailChannel({
        smtpUrl: new Secret('smtp://127.0.0.1:1'),
        from: 'a@b.example',
        requireTls: false,
      });
      const error = await failure(channel.send(message({ to: { name: 'x', address: new Secret(address) } })));
      expect([error.word, error.code]).toEqual(['refused', 'address']);
      await channel.close();
    },
  );

  it.each<[string, SMTPServerOptions, string, string]>([
    ['a mailbox that is full for now', { onRcptTo: (_a, _s, done) => done(smtpError(452)) }, 'unavailable', 'busy'],
    ['an unknown mailbox', { onRcptTo: (_a, _s, done) => done(smtpError(550)) }, 'refused', 'address'],
    [
      'a message that is not taken',
      { onData: (s, _x, done) => s.resume().on('end', () => done(smtpError(554))) },
      'refused',
      'message',
    ],
    [
      'greylisting after the data',
      { onData: (s, _x, done) => s.resume().on('end', () => done(smtpError(451))) },
      'unavailable',
      'busy',
    ],
    ['a server that shuts its door', { onConnect: (_s, done) => done(smtpError(421)) }, 'unavailable', 'busy'],
  ])('%s', async (_, options, word, code) => {
    await withServer(options, async ({ channel }) => {
      const error = await failure(channel.send(message()));
      expect([error.word, error.code]).toEqual([word, code]);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/elif|mail\.example/);
    });
  });

  it('R10 does not send in clear where TLS is demanded', async () => {
    await withServer(
      {},
      async ({ raw, channel }) => {
        const error = await failure(channel.send(message()));
        expect([error.word, error.code]).toEqual(['unavailable', 'tls']);
        expect(raw).toEqual([]);
      },
      true,
    );
  });

  it('says unavailable when nobody listens', async () => {
    const channel = new EmailChannel({
      smtpUrl: new Secret('smtp://127.0.0.1:1'),
      from: 'a@b.example',
      requireTls: false,
    });
    const error = await failure(channel.send(message()));
    expect(error.word).toBe('unavailable');
    expect(inspect(error, { depth: 9 })).not.toContain('elif');
    await channel.close();
  });

  it('gives up on a server that says nothing', async () => {
    await withServer({ onRcptTo: () => undefined }, async ({ channel }) => {
      const error = await failure(channel.send(message()));
      expect([error.word, error.code]).toEqual(['unavailable', 'timeout']);
    });
  });
});

describe('what a mailer error means', () => {
  it.each([
    [{ code: 'EAUTH', responseCode: 535 }, 'unavailable', 'login'],
    [{ code: 'ETLS' }, 'unavailable', 'tls'],
    [{ code: 'EENVELOPE', responseCode: 553, command: 'MAIL FROM' }, 'refused', 'message'],
    [{ code: 'EENVELOPE', responseCode: 450 }, 'unavailable', 'busy'],
    [{ code: 'EENVELOPE' }, 'refused', 'address'],
    [{ code: 'EPROTOCOL', responseCode: 554 }, 'unavailable', 'busy'],
    [{ code: 'EDNS' }, 'unavailable', 'network'],
    [{ code: 'ETIMEDOUT' }, 'unavailable', 'timeout'],
    [{}, 'unavailable', 'unknown'],
    [undefined, 'unavailable', 'unknown'],
  ])('%j', (error, word, code) => {
    expect(emailFailure(error)).toMatchObject({ word, code });
  });
});
