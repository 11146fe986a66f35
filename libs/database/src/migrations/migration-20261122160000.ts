import { Migration } from '@mikro-orm/migrations';

/** Logins that were revoked everywhere: cookies of an earlier epoch are worth nothing. Keyed hashes and counters only. */
export class Migration20261122160000 extends Migration {
  override up(): void {
    this.addSql(
      `create table "login_epochs" ("login_index" bytea not null, "epoch" int not null, primary key ("login_index"));`,
    );
  }
}
