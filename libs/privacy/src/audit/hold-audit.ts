import type { Metrics } from '#libs/platform';
import type { CheckpointWriter } from './checkpoint-writer.js';

/** As much of a logger as this needs. */
interface Log {
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

/**
 * Before a process opens: was the database restored, or was the audit cut off? The former is recorded in the ledger, once for
 * all processes; both are logged, counted and shown on /ops. Neither stops the start: a school must not wait for its audit.
 */
export async function holdAudit(
  { checkpoints, metrics, logger }: { checkpoints: CheckpointWriter; metrics: Metrics; logger: Log },
  now: Date,
): Promise<void> {
  const { restored, cutOff } = await checkpoints.recordRestores(now);
  for (const { why, cut, sequence } of restored)
    logger.warn(
      { why, cut, kept: sequence },
      'this database was restored: audit entries after the backup are gone, and the ledger says so from now on',
    );
  if (cutOff > 0)
    logger.error(
      { schools: cutOff },
      'audit entries that the ledger knows of are gone, and nothing tells of a restore: run "conferences audit verify"; if you restored into the same database: conferences restored --reason TEXT',
    );
  await checkpoints.run(now);
  const known = await checkpoints.restores();
  metrics.auditCutOff.set(cutOff);
  metrics.auditRestores.set(known.length);
  metrics.auditRestoredAway.set(known.reduce((sum, { cut }) => sum + cut, 0));
}
