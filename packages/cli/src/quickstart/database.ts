// The databases of the quickstart: one PostgreSQL server with a shop that sells, and a warehouse database that is to follow it.
import { type Postgres, startPostgres, whyNoPostgres } from '@millrace/testkit'
import pg from 'pg'

/** Databases of the server. */
export const SHOP = 'shop'
export const WAREHOUSE = 'warehouse'
/** The table that is captured, and its topic. */
export const TABLE = 'orders'
export const TOPIC = `${SHOP}.public.${TABLE}`

const ITEMS = ['tea', 'coffee', 'cocoa', 'water', 'milk', 'bread', 'butter', 'honey', 'salt', 'rice']
const ROWS_A_STATEMENT = 500

/** What was done to the shop: each row and each change is one event. */
export interface Work {
  inserted: number
  updated: number
  deleted: number
}

/** Why there can be no PostgreSQL here, or undefined when there can. */
export function whyNoDatabase(): string | undefined {
  return whyNoPostgres(18) === undefined ? undefined : whyNoPostgres(15) && whyNoPostgres(18)
}

/** A running server with both databases, the shop's table filled. */
export class Shop implements AsyncDisposable {
  readonly server: Postgres
  readonly work: Work = { inserted: 0, updated: 0, deleted: 0 }
  readonly #shop: pg.Client
  readonly #warehouse: pg.Client
  #lastId = 0
  #firstId = 1

  private constructor(server: Postgres, shop: pg.Client, warehouse: pg.Client) {
    this.server = server
    this.#shop = shop
    this.#warehouse = warehouse
  }

  /** Starts the server; `rows` orders are in the shop from the beginning. @throws Error when there is no PostgreSQL */
  static async open(rows: number): Promise<Shop> {
    const server = await startPostgres({ version: whyNoPostgres(18) === undefined ? 18 : 15, detached: true })
    try {
      const admin = await connect(server, server.database)
      await admin.query(`CREATE DATABASE ${SHOP}`)
      await admin.query(`CREATE DATABASE ${WAREHOUSE}`)
      await admin.end()
      const shop = new Shop(server, await connect(server, SHOP), await connect(server, WAREHOUSE))
      await shop.#shop.query(`CREATE TABLE ${TABLE} (
        id bigint PRIMARY KEY, item text NOT NULL, amount numeric(10,2) NOT NULL, paid boolean NOT NULL DEFAULT false,
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp())`)
      for (let left = rows; left > 0; left -= ROWS_A_STATEMENT) await shop.insert(Math.min(left, ROWS_A_STATEMENT))
      return shop
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** For a connector's configuration. */
  get jdbcUrl(): string {
    return `jdbc:postgresql://${this.server.host}:${this.server.port}/${WAREHOUSE}`
  }

  /** Events that all of the work makes: a tombstone follows each delete. */
  get events(): number {
    const { inserted, updated, deleted } = this.work
    return inserted + updated + 2 * deleted
  }

  /** New orders, in one transaction. */
  async insert(count: number): Promise<void> {
    const first = this.#lastId + 1
    this.#lastId += count
    await this.#shop.query(
      `INSERT INTO ${TABLE} (id, item, amount)
       SELECT n, ($3::text[])[1 + n % ${ITEMS.length}], (n * 37 % 10000) / 100.0 FROM generate_series($1::bigint, $2::bigint) AS n`,
      [first, this.#lastId, ITEMS],
    )
    this.work.inserted += count
  }

  /** Some of everything, in one transaction: `count` new orders, the oldest `count` paid, a tenth as many gone. */
  async change(count: number): Promise<void> {
    await this.#shop.query('BEGIN')
    await this.insert(count)
    const paid = await this.#shop.query(
      `UPDATE ${TABLE} SET paid = true, changed_at = clock_timestamp() WHERE id >= $1 AND id < $2`,
      [this.#firstId, this.#firstId + count],
    )
    const gone = await this.#shop.query(`DELETE FROM ${TABLE} WHERE id >= $1 AND id < $2`, [
      this.#firstId,
      this.#firstId + Math.floor(count / 10),
    ])
    await this.#shop.query('COMMIT')
    this.work.updated += paid.rowCount ?? 0
    this.work.deleted += gone.rowCount ?? 0
    this.#firstId += count
  }

  /** Milliseconds from the commit of one order to the moment it is seen in the warehouse; undefined when it takes longer than `mostMs`. */
  async latencyMs(mostMs: number): Promise<number | undefined> {
    await this.insert(1)
    const began = performance.now()
    while (performance.now() - began < mostMs) {
      const { rowCount } = await this.#warehouse.query(`SELECT 1 FROM ${TABLE} WHERE id = $1`, [this.#lastId])
      if (rowCount === 1) return performance.now() - began
    }
    return undefined
  }

  /** Rows in the warehouse; 0 while its table is not there. */
  async arrived(): Promise<number> {
    const { rows } = await this.#warehouse.query(`SELECT to_regclass('${TABLE}') IS NOT NULL AS there`)
    if (rows[0]?.there !== true) return 0
    return Number((await this.#warehouse.query(`SELECT count(*) AS count FROM ${TABLE}`)).rows[0]?.count)
  }

  /** Rows that differ between shop and warehouse, either way: none when all has arrived. */
  async differences(): Promise<number> {
    if ((await this.arrived()) === 0) return this.work.inserted - this.work.deleted
    const rows = async (client: pg.Client) => {
      const columns = 'id::text, item, amount::text, paid, extract(epoch FROM changed_at::timestamptz)::text AS changed'
      const all = await client.query<{ id: string }>(`SELECT ${columns} FROM ${TABLE}`)
      return new Map(all.rows.map((row) => [row.id, JSON.stringify(row)]))
    }
    const [shop, warehouse] = await Promise.all([rows(this.#shop), rows(this.#warehouse)])
    let count = 0
    for (const [id, row] of shop) if (warehouse.get(id) !== row) count++
    for (const id of warehouse.keys()) if (!shop.has(id)) count++
    return count
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#shop.end(), this.#warehouse.end()]).catch(() => {})
    await this.server.stop()
  }
}

async function connect(server: Postgres, database: string): Promise<pg.Client> {
  const { host, port, user, password } = server
  // Both sides' times are compared as text.
  const client = new pg.Client({ host, port, user, password, database, options: '-c timezone=UTC' })
  client.on('error', () => {})
  await client.connect()
  return client
}
