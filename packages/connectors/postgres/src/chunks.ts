// Chunks of tables for incremental snapshots, and the marks between which they are read: SQL on a connection of their own.
import { type ChunkRequest, type IncrementalDialect, keysetCondition, parseTableId, type Row } from '@millrace/kit-cdc'
import type { PostgresConfig } from './config.ts'
import { Connection, quoted } from './connection.ts'

/** Values as the server's text, whatever their type. */
const AS_TEXT = { getTypeParser: () => (text: string) => text }

/** Reads and marks. The connection is opened when it is first needed, and again after {@link Chunks.close}. */
export class Chunks implements IncrementalDialect {
  readonly #config: PostgresConfig
  /** The signal table, quoted. */
  readonly #signals: string
  #connection: Promise<Connection> | null = null

  /** @param signals `schema.table` of the table that marks are written to */
  constructor(config: PostgresConfig, signals: string) {
    this.#config = config
    const { schema, table } = parseTableId(signals, false)
    this.#signals = schema === null ? quoted(table) : quoted(schema, table)
  }

  async maximumKey(request: ChunkRequest): Promise<readonly unknown[] | null> {
    const columns = orderOf(request)
    const order = columns.map((one) => `${one} DESC`).join(', ')
    const where = request.filter === null ? '' : ` WHERE ${request.filter}`
    const [row] = await this.#rows(
      `SELECT ${columns.join(', ')} FROM ${from(request)}${where} ORDER BY ${order} LIMIT 1`,
    )
    return row ?? null
  }

  async readChunk(
    request: ChunkRequest,
    after: readonly unknown[] | null,
    maximum: readonly unknown[],
    limit: number,
  ): Promise<Row[]> {
    const columns = orderOf(request)
    const values = [...(after ?? []), ...maximum]
    const shift = after === null ? 0 : columns.length
    const conditions = [
      ...(after === null ? [] : [keysetCondition(columns, (at) => `$${at + 1}`, 'behind')]),
      keysetCondition(columns, (at) => `$${shift + at + 1}`, 'upTo'),
      ...(request.filter === null ? [] : [`(${request.filter})`]),
    ]
    const selected = request.table.table.columns.map((one) => quoted(one.name)).join(', ')
    return this.#rows(
      `SELECT ${selected} FROM ${from(request)} WHERE ${conditions.join(' AND ')} ORDER BY ${columns.join(', ')} LIMIT ${limit}`,
      values,
    )
  }

  async mark(id: string, type: string): Promise<void> {
    await this.#rows(`INSERT INTO ${this.#signals} VALUES ($1, $2, $3)`, [id, type, '{}'])
  }
  async unmark(id: string): Promise<void> {
    await this.#rows(`DELETE FROM ${this.#signals} WHERE id = $1`, [id])
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = null
    await (await connection?.catch(() => null))?.close()
  }

  async #rows(text: string, values: readonly unknown[] = []): Promise<string[][]> {
    this.#connection ??= Connection.open(this.#config, 'Debezium General')
    const { client } = await this.#connection
    const result = await client.query({ text, values: [...values], rowMode: 'array', types: AS_TEXT })
    return result.rows as string[][]
  }
}

const from = ({ table }: ChunkRequest) => quoted(table.id.schema as string, table.id.table)
const orderOf = ({ table, order }: ChunkRequest) =>
  order.map((at) => quoted((table.table.columns[at] as { name: string }).name))
