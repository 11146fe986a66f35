import { contactsOf, schoolOf } from '#libs/conferences';
import { rows, sql, type Em } from '#libs/database';
import { renderPrivacyNotice } from '../mails/privacy-notice.js';
import { dropped, type Composed, type DeliveryDeps, type DeliveryRow } from './delivery-row.js';
import type { PrivacyMailKind } from './plan-privacy-mails.js';
import { addressed } from './sender.js';

/** To a privacy contact of the school: counts only, as they are when it is sent. */
export async function composePrivacyMail(
  em: Em,
  deps: DeliveryDeps,
  delivery: DeliveryRow & { readonly kind: PrivacyMailKind },
): Promise<Composed> {
  const { schoolId, personId, kind } = delivery;
  const [counted] = await rows(
    em,
    kind === 'retention-notice'
      ? sql<{
          count: number;
          by: Date | null;
        }>`select count(*) as count, min(expires_at) as by from people where school_id = ${schoolId} and expires_at is not null`
      : sql<{
          count: number;
          by: Date | null;
        }>`select count(*) as count, min(due_at) as by from erasures where school_id = ${schoolId} and done_at is null and alarmed_days > 0`,
  );
  if (!counted || counted.count === 0 || !counted.by) return dropped('nothing-waits');
  const recipient = (await contactsOf(em, deps.keys, schoolId)).find(
    ({ id, role }) => id === personId && role === 'privacy',
  );
  const school = await schoolOf(em, deps.keys, schoolId);
  if (!recipient || !school) return dropped('not-entitled');
  const mail = renderPrivacyNotice({
    kind,
    locale: recipient.locale,
    schoolLocale: school.locale,
    schoolName: school.name,
    timeZone: school.timeZone,
    recipientName: recipient.name,
    count: counted.count,
    by: counted.by,
    privacyUrl: `${deps.appUrl}/privacy`,
  });
  return { channel: 'email', kind, message: addressed(delivery.id, deps.mailFrom, recipient, mail) };
}
