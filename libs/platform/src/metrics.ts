import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Counters of one process. Labels are closed words, never ids or names. */
export class Metrics {
  readonly registry = new Registry();
  readonly events = new Counter({
    name: 'conferences_events_total',
    help: 'Events taken in, by type and status',
    labelNames: ['type', 'status'],
    registers: [this.registry],
  });
  readonly settled = new Counter({
    name: 'conferences_meetings_settled_total',
    help: 'Outcomes of jobs, by provider',
    labelNames: ['provider', 'outcome'],
    registers: [this.registry],
  });
  readonly providerErrors = new Counter({
    name: 'conferences_provider_errors_total',
    help: 'What providers answered, in our words',
    labelNames: ['provider', 'word', 'code'],
    registers: [this.registry],
  });
  readonly deliveries = new Counter({
    name: 'conferences_deliveries_total',
    help: 'Messages, by channel, kind and outcome',
    labelNames: ['channel', 'kind', 'outcome'],
    registers: [this.registry],
  });
  readonly erasures = new Counter({
    name: 'conferences_erasures_total',
    help: 'Looks at an erasure, by what came of it',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly erasureAlarms = new Counter({
    name: 'conferences_erasure_alarms_total',
    help: 'Erasures that were not done 20 or 27 days after they were asked for',
    labelNames: ['day'],
    registers: [this.registry],
  });
  readonly settleSeconds = new Histogram({
    name: 'conferences_settle_seconds',
    help: 'Time of one job',
    labelNames: ['provider'],
    registers: [this.registry],
  });
  readonly silentQueues = new Counter({
    name: 'conferences_silent_queues_total',
    help: 'Queue workers that were replaced because they took no job while jobs waited',
    labelNames: ['queue'],
    registers: [this.registry],
  });
  readonly storeAway = new Gauge({
    name: 'conferences_store_away',
    help: '1 while a store does not serve this process: away, or answering with errors',
    labelNames: ['store'],
    registers: [this.registry],
  });
  readonly unavailable = new Counter({
    name: 'conferences_unavailable_total',
    help: 'Requests answered with 503, by the code of the store',
    labelNames: ['word'],
    registers: [this.registry],
  });
  readonly restSeconds = new Gauge({
    name: 'conferences_provider_rest_seconds',
    help: 'How long a provider is still left alone; 0: it is asked',
    labelNames: ['provider'],
    registers: [this.registry],
  });
  readonly probing = new Gauge({
    name: 'conferences_provider_probing',
    help: '1 while a provider that rested is asked by a few meetings only',
    labelNames: ['provider'],
    registers: [this.registry],
  });
  readonly rests = new Counter({
    name: 'conferences_provider_rests_total',
    help: 'Rests that this process asked for, by reason',
    labelNames: ['provider', 'why'],
    registers: [this.registry],
  });
  readonly waiting = new Gauge({
    name: 'conferences_due',
    help: 'Rows due and not on a queue',
    registers: [this.registry],
  });

  readonly dependencyAway = new Gauge({
    name: 'conferences_dependency_away',
    help: '1 while a key set, sign-in service or key service does not answer this process',
    labelNames: ['dependency'],
    registers: [this.registry],
  });

  readonly auditLag = new Gauge({
    name: 'conferences_audit_lag_seconds',
    help: 'For how long the oldest audit entry waits to be chained',
    registers: [this.registry],
  });

  readonly droppedConnections = new Counter({
    name: 'conferences_dropped_connections_total',
    help: 'Connections that were closed at once because there were too many',
    registers: [this.registry],
  });

  readonly auditRestores = new Gauge({
    name: 'conferences_audit_restores',
    help: 'Records "restored" in the ledger, one a school and restore, as of the start',
    registers: [this.registry],
  });
  readonly auditRestoredAway = new Gauge({
    name: 'conferences_audit_restored_away_entries',
    help: 'Audit entries that restores cost, as of the start',
    registers: [this.registry],
  });
  readonly auditCutOff = new Gauge({
    name: 'conferences_audit_cut_off_schools',
    help: 'Schools whose audit ended before the ledger says, without a restore, at the start; 0 is well',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
