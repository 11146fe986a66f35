import { startSandbox } from '../../apps/sandbox/src/index.js';

/** The outside in a process of its own, so that neither side of a comparison pays for it. Speaks by IPC. */
const sandbox = await startSandbox({
  latencyMs: Number(process.env['LATENCY_MS'] ?? 0),
  meetUrls: 'https',
  seed: Number(process.env['SEED'] ?? 1),
});
sandbox.autoConsent(true);

type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;
const methods: Methods = {
  settings: () => sandbox.settings,
  url: () => sandbox.url,
  setAppUrl: (url: string) => sandbox.setAppUrl(url),
  plan: (plan: Parameters<typeof sandbox.module.planEvening>[0]) => sandbox.module.planEvening(plan),
  emit: (events: Parameters<typeof sandbox.module.emit>[0]) => sandbox.module.emit(events),
  enterUrl: (wish: Parameters<typeof sandbox.module.enterUrl>[0], to: string) => sandbox.module.enterUrl(wish, to),
  grant: (email: string) => sandbox.google.grant({ email }),
  faults: (rules: Parameters<typeof sandbox.faults.replace>[0]) => sandbox.faults.replace(rules),
  live: () => sandbox.ledger.live().length,
};

process.on('message', (call: { id: number; method: string; args: never[] }) => {
  void (async () => {
    try {
      process.send!({ id: call.id, result: (await methods[call.method]!(...call.args)) ?? null });
    } catch (error) {
      process.send!({ id: call.id, error: error instanceof Error ? error.message : 'failed' });
    }
  })();
});
process.on('disconnect', () => void sandbox.close().then(() => process.exit(0)));
process.send!({ id: 0, result: 'ready' });
