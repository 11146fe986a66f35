import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from './orm-config.js';

export interface TableColumn {
  readonly table: string;
  readonly column: string;
  /** Holds ciphertext only (`sealed()` in entities/sealed-column.ts). */
  readonly sealed: boolean;
}

/** Every column of every table, as the entities say. Asks no database: only the metadata are read. */
export async function tableColumns(): Promise<TableColumn[]> {
  const orm = await MikroORM.init(ormConfig('postgresql://nobody@127.0.0.1/nothing', { connections: 1 }));
  try {
    return Array.from(orm.getMetadata().getAll().values()).flatMap((meta) =>
      Object.values(meta.properties).flatMap((property) =>
        (property.fieldNames ?? []).map((column) => ({
          table: meta.tableName,
          column,
          sealed: property.hidden === true,
        })),
      ),
    );
  } finally {
    await orm.close(true);
  }
}
