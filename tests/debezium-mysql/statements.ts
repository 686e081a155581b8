// What both connectors are shown: tables of every type with edges, rows before the snapshot, then changes one by one.
import type { MysqlFlavor } from '@millrace/testkit'
import { ALTERATIONS } from './statements-alter.ts'
import { TRANSACTIONS } from './statements-transactions.ts'
import { tablesOf } from './statements-types.ts'

/** The statements for one server. */
export interface Script {
  /** Run before a connector starts: tables, and the rows that the snapshot finds. */
  readonly setup: readonly string[]
  /** Run one by one while a connector streams. */
  readonly changes: readonly string[]
}

/** The row that comes last, in the snapshot and in the stream: its table is the last by name. */
export const LAST_TABLE = 'zz_last'

/** A statement, or one that only some servers know. */
export type Statement = string | { readonly only: 'mariadb' | 'modern'; readonly sql: string }

/** Statements that a server knows: MySQL 5.5 is of before fractions of seconds, JSON and computed columns. */
function known(flavor: MysqlFlavor, statements: readonly Statement[]): string[] {
  const isModern = flavor !== 'mysql-5.5'
  return statements.flatMap((one) => (typeof one === 'string' ? [one] : isModern ? [one.sql] : []))
}

/** The script, which is the same for all servers but for what older ones do not know. */
export function scriptOf(flavor: MysqlFlavor): Script {
  const tables = tablesOf(flavor)
  const rows = (first: number) => tables.flatMap(({ name, rows }) => rows.map((row, i) => insert(name, first + i, row)))
  const session = ["SET time_zone = '+00:00', sql_mode = '', timestamp = 1700000000"]
  return {
    setup: [
      ...session,
      ...tables.map(
        ({ name, columns, options = 'DEFAULT CHARSET=utf8mb4' }) =>
          `CREATE TABLE ${name} (id int PRIMARY KEY, ${columns}) ENGINE=InnoDB ${options}`,
      ),
      ...rows(1),
      ...known(flavor, ALTERATIONS.setup),
      ...known(flavor, TRANSACTIONS.setup),
      `CREATE TABLE ${LAST_TABLE} (id int PRIMARY KEY) ENGINE=InnoDB`,
      `INSERT INTO ${LAST_TABLE} VALUES (1)`,
    ],
    changes: [
      ...session,
      // Every row of the snapshot once more as an insert, so that both ways of reading are compared.
      ...rows(101),
      // And each of them changed into the next, and deleted, so that both images of all types are.
      ...tables.flatMap(({ name, rows }) => [
        ...rows.map((_, i) => `UPDATE ${name} SET id = ${201 + i} WHERE id = ${101 + i}`),
        `DELETE FROM ${name} WHERE id = 201`,
      ]),
      ...known(flavor, TRANSACTIONS.changes),
      ...known(flavor, ALTERATIONS.changes),
      `INSERT INTO ${LAST_TABLE} VALUES (2)`,
    ],
  }
}

function insert(table: string, id: number, row: Readonly<Record<string, string>>): string {
  const names = Object.keys(row)
  return `INSERT INTO ${table} (${['id', ...names].join(', ')}) VALUES (${[id, ...Object.values(row)].join(', ')})`
}
