// Which tables, columns and messages are captured: lists of regular expressions that match whole names, case ignored.
import { ConfigException, compileJavaRegex } from '@millrace/api'
import { type PostgresConfig, splitExpressions } from './config.ts'

/** Decisions by name. */
export interface Filters {
  table(schema: string, table: string): boolean
  column(schema: string, table: string, column: string): boolean
  /** Prefix of a logical message. */
  message(prefix: string): boolean
  /** Tables that a snapshot reads, of the captured ones. */
  snapshot(schema: string, table: string): boolean
  /** Columns of a key set by the configuration, or undefined. */
  key(schema: string, table: string, columns: readonly string[]): readonly string[] | undefined
}

/** @throws ConfigException when an expression is none */
export function filtersOf(config: PostgresConfig): Filters {
  const schema = both(config['schema.include.list'], config['schema.exclude.list'])
  const table = both(config['table.include.list'], config['table.exclude.list'])
  const column = both(config['column.include.list'], config['column.exclude.list'])
  const message = both(config['message.prefix.include.list'], config['message.prefix.exclude.list'])
  const snapshot = both(config['snapshot.include.collection.list'], null)
  const keys = keyRules(config['message.key.columns'])
  return {
    table: (schemaName, name) => schema(schemaName) && table(`${schemaName}.${name}`),
    column: (schemaName, name, columnName) => column(`${schemaName}.${name}.${columnName}`),
    message,
    snapshot: (schemaName, name) => snapshot(`${schemaName}.${name}`),
    key(schemaName, name, columns) {
      const rules = keys.filter(({ table: expression }) => expression.test(`${schemaName}.${name}`))
      if (rules.length === 0) return undefined
      return columns.filter((one) => rules.some((rule) => rule.columns.some((expression) => expression.test(one))))
    },
  }
}

/** An expression that matches a whole name. @throws ConfigException when it is none */
export function expression(source: string): RegExp {
  const made = compileJavaRegex(source)
  if (typeof made === 'string') throw new ConfigException(`Not a regular expression: ${source}: ${made}`)
  return new RegExp(made.source, made.flags.includes('i') ? made.flags : `${made.flags}i`)
}

function both(include: string | null, exclude: string | null): (name: string) => boolean {
  const wanted = splitExpressions(include ?? '').map(expression)
  const unwanted = splitExpressions(exclude ?? '').map(expression)
  if (wanted.length > 0) return (name) => wanted.some((one) => one.test(name))
  return (name) => !unwanted.some((one) => one.test(name))
}

function keyRules(rules: string | null): { table: RegExp; columns: RegExp[] }[] {
  return (rules ?? '')
    .split(';')
    .filter((one) => one.trim() !== '')
    .map((rule) => {
      const at = rule.lastIndexOf(':')
      if (at < 0) throw new ConfigException(`message.key.columns: ${rule} names no columns after a colon`)
      return {
        table: expression(rule.slice(0, at).trim()),
        columns: rule
          .slice(at + 1)
          .split(',')
          .map((one) => expression(one.trim())),
      }
    })
}
