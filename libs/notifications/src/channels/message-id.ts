/**
 * The Message-ID of a delivery, so that a mail repeated after a crash is recognised as the same one (RFC 5322 §3.6.4).
 * @param deliveryId id of the delivery row: letters, digits, `-`, `_`, `.`
 * @param domain host name of the sender, as in MAIL_FROM
 * @throws TypeError when either could break out of the header.
 */
export function messageId(deliveryId: string, domain: string): string {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(deliveryId))
    throw new TypeError('A delivery id is letters, digits, "-", "_" and ".".');
  if (!/^[a-z\d-]+(\.[a-z\d-]+)*$/i.test(domain)) throw new TypeError('The domain of a Message-ID is a host name.');
  return `<${deliveryId}@${domain.toLowerCase()}>`;
}
