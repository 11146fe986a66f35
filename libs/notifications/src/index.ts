export { DeliveryWork } from './deliveries/delivery-work.js';
export type { Composed, DeliveryDeps, DropReason } from './deliveries/delivery-row.js';
export { calendarUid, senderAddress } from './deliveries/sender.js';
export { planDigests } from './deliveries/plan-digests.js';
export { planErasureAlarms, planPrivacyMails, type PrivacyMailKind } from './deliveries/plan-privacy-mails.js';
export { planOwnerCare } from './deliveries/plan-owner-care.js';
export { NoticePlanner, type AnnouncementKind } from './deliveries/plan-notices.js';
export { calendarFile, type CalendarEntry } from './calendar/calendar-file.js';
export { DeliveryError, type DeliveryCode, type DeliveryWord } from './channels/delivery-error.js';
export { EmailChannel, type EmailChannelOptions, type EmailMessage } from './channels/email-channel.js';
export { messageId } from './channels/message-id.js';
export type { NotificationChannel } from './channels/notification-channel.js';
export { WebhookChannel, type OutgoingEvent, type WebhookChannelOptions } from './channels/webhook-channel.js';
export { renderColleagueDigest, type ColleagueDigestInput, type DigestRow } from './mails/colleague-digest.js';
export { renderOwnerAway, type AwayRow, type OwnerAwayInput } from './mails/owner-away.js';
export { renderOwnerNeeded, type OwnerNeededInput } from './mails/owner-needed.js';
export type { RenderedMail } from './mails/mail-frame.js';
export { renderParentMail, type ParentMailInput, type RenderedParentMail } from './mails/parent-mail.js';
export {
  PARENT_NOTICE_KINDS,
  planParentNotice,
  toldAfter,
  type ParentNoticeKind,
  type SlotFact,
  type Told,
} from './plan/plan-parent-notice.js';
export { nextNotice, retryOf, type Memory, type NextNotice } from './plan/next-notice.js';
export { MAIL_LOCALES, mailTexts, type MailLocale } from './texts/catalogues.js';
export { oneLine } from './texts/one-line.js';
export { pickLocale } from './texts/pick-locale.js';
export { dayText, spanText, timeText, zoneText } from './texts/when.js';
