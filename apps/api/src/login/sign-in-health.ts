import { LoginRefused } from '#libs/login';
import type { DependencyHealth } from '#libs/platform';
import type { LoginName } from '#libs/providers';

/** Runs one exchange with a sign-in service, and keeps what it says of the service itself, whoever it was about. */
export async function reportingSignIn<T>(
  health: DependencyHealth,
  login: LoginName,
  exchange: () => Promise<T>,
): Promise<T> {
  try {
    const result = await exchange();
    health.answered(`${login}-sign-in`);
    return result;
  } catch (error) {
    if (error instanceof LoginRefused && error.away !== undefined) health.failed(`${login}-sign-in`, error.away);
    throw error;
  }
}
