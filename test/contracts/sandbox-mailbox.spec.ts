import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTransport, type Transporter } from 'nodemailer';
import { startSandbox, type Sandbox, type SandboxMail } from '../../apps/sandbox/src/index.js';

const CALENDAR = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n';

describe('The sandbox takes mail as a mail server does, and shows it', () => {
  let sandbox: Sandbox;
  let smtp: Transporter;
  const send = (to: string, subject = 'Uw gesprek') =>
    smtp.sendMail({
      from: sandbox.settings.MAIL_FROM,
      to,
      subject,
      text: 'Neem deel: http://127.0.0.1/j/abc',
      html: '<p>Neem deel</p>',
      attachments: [{ filename: 'invite.ics', content: CALENDAR, contentType: 'text/calendar; method=REQUEST' }],
    });
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => 'accepted',
      (error: { responseCode?: number; code?: string }) => error.responseCode ?? error.code,
    );

  beforeAll(async () => {
    sandbox = await startSandbox();
    smtp = createTransport(`${sandbox.smtpUrl}?pool=false`);
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(() => sandbox.close());

  it('reads a mail with its text, HTML and calendar file', async () => {
    const arrived = sandbox.mailbox.waitFor(({ subject }) => subject === 'Görüşme');
    await send('elif@mail.example', 'Görüşme');
    const mail = await arrived;
    expect(mail).toMatchObject({
      to: ['elif@mail.example'],
      from: 'no-reply@conferences.example',
      html: expect.stringContaining('<p>Neem deel</p>'),
      text: expect.stringContaining('/j/abc'),
    });
    expect(mail.attachments).toEqual([
      expect.objectContaining({
        filename: 'invite.ics',
        mimeType: 'text/calendar',
        content: expect.stringContaining('METHOD:REQUEST'),
      }),
    ]);
    expect(mail.messageId).toMatch(/^<.+@.+>$/u);
  });

  it('lists newest first, shows one, and gives JSON by address', async () => {
    await send('bakker@mail.example', 'first');
    await send('bakker@mail.example', 'second <b>');
    const mails = (await (await fetch(`${sandbox.url}/mail.json?to=Bakker@mail.example`)).json()) as SandboxMail[];
    expect(mails.map(({ subject }) => subject)).toEqual(['second <b>', 'first']);
    const list = await (await fetch(`${sandbox.url}/mail`)).text();
    expect(list.indexOf('second &lt;b>')).toBeGreaterThan(-1);
    expect(list.indexOf('second &lt;b>')).toBeLessThan(list.indexOf('>first<'));
    const view = await (await fetch(`${sandbox.url}/mail/${mails[0]?.n}`)).text();
    expect(view).toContain('sandbox="allow-popups');
    expect(view).toContain('METHOD:REQUEST');
    expect((await fetch(`${sandbox.url}/mail/999`)).status).toBe(404);
  });

  it('says how long it waited when no such mail comes', async () => {
    await expect(sandbox.mailbox.waitFor(() => false, 20)).rejects.toThrow('No such mail came within 20 ms');
  });

  it('refuses one address for now, or for ever, and takes the others', async () => {
    sandbox.faults.set({
      id: 'later',
      match: { provider: 'smtp', account: 'later@mail.example' },
      fault: 'smtp.451',
      times: 1,
    });
    sandbox.faults.set({ id: 'never', match: { provider: 'smtp', account: 'never@mail.example' }, fault: 'smtp.550' });
    expect(await refusal(send('later@mail.example'))).toBe(451);
    expect(await refusal(send('later@mail.example'))).toBe('accepted');
    expect(await refusal(send('never@mail.example'))).toBe(550);
    expect(sandbox.mailbox.to('never@mail.example')).toEqual([]);
    expect(sandbox.faults.fired()).toEqual({ later: 1, never: 1 });
  });

  it('hangs up after DATA: with the mail kept, or lost', async () => {
    sandbox.faults.set({ id: 'kept', match: { account: 'kept@mail.example' }, fault: 'smtp.drop', afterEffect: true });
    sandbox.faults.set({ id: 'lost', match: { account: 'lost@mail.example' }, fault: 'smtp.drop' });
    expect(await refusal(send('kept@mail.example'))).not.toBe('accepted');
    expect(await refusal(send('lost@mail.example'))).not.toBe('accepted');
    expect(sandbox.mailbox.to('kept@mail.example')).toHaveLength(1);
    expect(sandbox.mailbox.to('lost@mail.example')).toEqual([]);
  });
});
