/**
 * A way out for messages. A new one is one file here; who chooses a channel and counts attempts is elsewhere, so a
 * channel tries once and never sleeps.
 */
export interface NotificationChannel<Message> {
  readonly name: 'email' | 'webhook';
  /**
   * Resolves once the other side has taken the message over.
   * @throws DeliveryError and nothing else.
   */
  send(message: Message): Promise<void>;
  /** Ends idle connections; what is being sent is finished first. */
  close(): Promise<void>;
}
