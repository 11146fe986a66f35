import type { ProviderName } from '#libs/providers';
import { REASON_ACTIONS } from './texts/reason-actions.js';
import { LOGIN_OF, type EveningRow, type LoginName } from './view-models.js';

/** The one thing that helps a row now (P7); null: nothing to press. */
export type RowButton =
  | { readonly kind: 'connect'; readonly login: LoginName }
  | { readonly kind: 'retry' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'take-over'; readonly provider: ProviderName; readonly from: string };

/**
 * Which button a row shows. What mends the reason comes first, then taking over, then removing; a row that is being
 * worked on has none, since its next state is seconds away.
 * @param fallbackOwner the slot's teacher, who stands in where a meeting has no owner yet
 */
export function rowButton(row: EveningRow, fallbackOwner: string): RowButton | null {
  const mends = row.reason === null ? null : REASON_ACTIONS[row.reason];
  const isStuck = row.status === 'failed' || row.status === 'needs_owner';
  const takeOver = row.can.takeOver[0];
  if (isStuck) {
    if (mends === 'connect' && row.can.connect && row.provider !== null)
      return { kind: 'connect', login: LOGIN_OF[row.provider] };
    if (takeOver !== undefined) return { kind: 'take-over', provider: takeOver, from: row.owner?.id ?? fallbackOwner };
    if (row.status === 'failed' && row.can.retry) return { kind: 'retry' };
  }
  if (row.leftIn !== null && row.can.retry) return { kind: 'retry' };
  if (row.status === 'retrying' && mends === 'retry' && row.can.retry) return { kind: 'retry' };
  if ((row.status === 'ready' || isStuck) && row.can.remove) return { kind: 'remove' };
  if (row.status === 'ready' && takeOver !== undefined)
    return { kind: 'take-over', provider: takeOver, from: row.owner?.id ?? fallbackOwner };
  return null;
}
