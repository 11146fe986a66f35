export { Database, asJson, rows, sql, type Em, type RawBuilder } from './database.js';
export { DatabaseClock, openClock } from './database-clock.js';
export { bulkInsert, bulkUpsert, fromJson, type Columns } from './bulk-upsert.js';
export { DataKeys, type KeyOwner } from './data-keys.js';
export { migrate } from './migrate.js';
export { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
export { tableColumns, type TableColumn } from './table-columns.js';
export * from './entities.js';
