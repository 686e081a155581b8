// An expression of Debezium's scripting transformations: compiled once, evaluated with the parts of a record as variables.
import { Script } from 'node:vm'
import { ConfigException, type ConnectRecord, errorMessage, RetriableException } from '@millrace/api'
import { type CompiledExpression, compileExpression, ScriptSyntaxError } from '../../script/inline.ts'
import { thrownPlace } from '../../script/places.ts'
import { DebeziumException } from '../errors.ts'
import { schemaView, viewOf } from './views.ts'

/** Variables, and what they hold. `headers` is another name of `header`. */
const VARIABLES: Readonly<Record<string, (record: ConnectRecord) => unknown>> = {
  key: (record) => viewOf(record.keySchema, record.key),
  value: (record) => viewOf(record.valueSchema, record.value),
  keySchema: (record) => schemaView(record.keySchema),
  valueSchema: (record) => schemaView(record.valueSchema),
  topic: (record) => record.topic,
  header: headersOf,
  headers: headersOf,
}

/** The last header of each name, each with value and schema. */
function headersOf(record: ConnectRecord): unknown {
  const found = new Map<string, unknown>()
  if (record.hasHeaders) {
    for (const { key, value, schema } of record.headers) {
      found.set(key, { value: viewOf(schema, value), schema: schemaView(schema) })
    }
  }
  return viewOf(null, found)
}

/**
 * A text of several statements, whose value is that of the last one that has a value, as JSR 223 has it. Rare, and evaluated by
 * `eval`, which keeps what it compiled. Undefined for an expression, and for what does not compile at all.
 */
function statements(key: string, text: string, names: readonly string[]): CompiledExpression | undefined {
  if (!/[;\n]/.test(text.trim().replace(/;$/, '')) || compiles(`(\n${text}\n)`) || !compiles(text)) return undefined
  const file = `millrace:${key}:statements`
  const make = new Script(`((text) => (${names.join(', ')}) => { 'use strict'; return eval(text) })`)
  const run = () => (make.runInThisContext() as (text: string) => unknown)(`${text}\n//# sourceURL=${file}`)
  return { file, run }
}

function compiles(text: string): boolean {
  try {
    new Script(text)
    return true
  } catch {
    return false
  }
}

/** A compiled expression. */
export class Expression {
  readonly #key: string
  readonly #file: string
  readonly #run: (...args: unknown[]) => unknown
  /** Only the variables that the text names are made. */
  readonly #used: readonly ((record: ConnectRecord) => unknown)[]

  /** @param key of the configuration, for messages. @throws ConfigException at the key, with line and column */
  constructor(key: string, text: string) {
    const names = Object.keys(VARIABLES).filter((name) => new RegExp(`\\b${name}\\b`).test(text))
    this.#key = key
    this.#used = names.map((name) => VARIABLES[name] as (record: ConnectRecord) => unknown)
    try {
      const { file, run } = statements(key, text, names) ?? compileExpression(key, text, names)
      this.#file = file
      this.#run = run() as (...args: unknown[]) => unknown
    } catch (error) {
      const reason = error instanceof ScriptSyntaxError ? error.message : `${key}: ${errorMessage(error)}`
      throw new ConfigException(reason, { cause: error, configKey: key })
    }
  }

  /** The value of the expression for a record. @throws DebeziumException with the place where it failed */
  evaluate(record: ConnectRecord): unknown {
    try {
      return this.#run(...this.#used.map((variable) => variable(record)))
    } catch (error) {
      const place = thrownPlace(error, this.#file)
      const where = place === undefined ? this.#key : `${this.#key}:${place.line}:${place.column}`
      const message = `Error while evaluating expression: ${where}: ${errorMessage(error)}`
      if (error instanceof RetriableException) throw new RetriableException(message, { cause: error })
      throw new DebeziumException(message, { cause: error })
    }
  }

  /** The error for a value that the transformation cannot use. */
  unusable(value: unknown, wanted: string): DebeziumException {
    const text = typeof value === 'object' && value !== null ? 'an object' : `'${String(value)}'`
    return new DebeziumException(`Value ${text} returned by the expression of ${this.#key} is not ${wanted}`)
  }
}
