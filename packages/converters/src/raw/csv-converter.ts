// CsvConverter: each value is one line of cells.
import {
  type ByteSink,
  type ByteSource,
  ConfigException,
  DataException,
  defineConfig,
  errorMessage,
  type Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  SchemaBuilder,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { CONVERTER_TYPE, ValueConverter, withConverterType } from '../base.ts'
import { type CellWriter, type CsvColumn, cellWriter, csvColumn } from './csv-columns.ts'
import { type CsvDialect, csvLine, parseCsvLine } from './csv-lines.ts'
import { setMember } from './reading.ts'

export const CSV_CONFIG = defineConfig({
  'converter.type': CONVERTER_TYPE,
  'csv.columns': {
    type: 'list',
    default: [],
    importance: 'high',
    doc:
      'Columns in the order of their cells, each a name, or name:type with type string (the default), int8, int16, int32, int64, ' +
      'float32, float64, boolean, bytes (base64), decimal(scale), date, time or timestamp (ISO 8601). Read values become structs with ' +
      'these optional fields; without columns they become lists of texts. Written values get these cells in this order; ' +
      'without columns all fields of the value, in its own order.',
  },
  'csv.header.row': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether each message begins with a line of the names of the columns. When reading, these names decide which cell is which column.',
  },
  'schemas.enable': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether values read with csv.columns come with a schema (a struct) or without one (a map by name).',
  },
  'csv.schema.name': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Name of the schema of values read with csv.columns.',
  },
  'csv.separator': {
    type: 'string',
    default: ',',
    importance: 'medium',
    doc: 'What stands between cells; \\t is a tab.',
  },
  'csv.quote': {
    type: 'string',
    default: '"',
    importance: 'low',
    doc: 'The character around cells that hold separators, quotes or line breaks; doubled within.',
  },
  'csv.null': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'The text of a null, without quotes. A value that is this text is quoted, so that both come back.',
  },
})

/** How structs of one schema are written. */
interface Prepared {
  readonly header: string
  readonly names: readonly string[]
  readonly cells: readonly CellWriter[]
}

const plainCells = cellWriter(null)
const DEFAULTS: CsvDialect = { separator: ',', quote: '"', nullText: '' }

/** `millrace.CsvConverter`. */
export class CsvConverter extends ValueConverter {
  readonly config = CSV_CONFIG
  #dialect = DEFAULTS
  #columns: readonly CsvColumn[] = []
  #schema: Schema | null = null
  #headerRow = false
  #prepared = new WeakMap<Schema, Prepared>()

  /** @throws ConfigException for a column of unknown type, or marks that cannot be told apart */
  override configure(configs: RawConfig, isKey?: boolean): void {
    const config = CSV_CONFIG.parse(withConverterType(configs, isKey))
    const separator = config['csv.separator'].replaceAll('\\t', '\t')
    const quote = config['csv.quote']
    if (separator === '' || quote.length !== 1 || separator.includes(quote) || /[\r\n]/.test(separator + quote)) {
      const problem = 'want a separator, a quote of one character, the two different and no line breaks'
      throw new ConfigException(`Invalid csv.separator or csv.quote: ${problem}`, { configKey: 'csv.separator' })
    }
    this.#dialect = { separator, quote, nullText: config['csv.null'] }
    this.#columns = config['csv.columns'].map((text) => csvColumn(text, 'csv.columns'))
    this.#headerRow = config['csv.header.row']
    this.#prepared = new WeakMap()
    this.#schema = null
    if (this.#columns.length > 0 && config['schemas.enable']) {
      const builder = SchemaBuilder.struct()
      if (config['csv.schema.name'] !== null) builder.name(config['csv.schema.name'])
      for (const { name, schema } of this.#columns) builder.field(name, schema)
      this.#schema = builder.build()
    }
  }

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Buffer | null {
    const text = this.#text(schema, value)
    return text === null ? null : Buffer.from(text.toWellFormed())
  }
  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    const text = this.#text(schema, value)
    if (text === null) return false
    out.utf8(text.toWellFormed())
    return true
  }
  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    return { schema: this.#schema, value: this.#parse(bytes.toString('utf8')) }
  }
  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    into.value = this.#parse(source.text())
    into.schema = this.#schema
  }

  #text(schema: Schema | null, value: Value): string | null {
    if (value === null || value === undefined) {
      if (schema === null || schema.optional) return null
      throw new DataException(`Conversion error: null value for a required ${schema.type}`)
    }
    if (schema?.type === 'STRUCT') return this.#structText(schema, value)
    return this.#plainText(schema, value)
  }
  #structText(schema: Schema, value: unknown): string {
    if (typeof value !== 'object' || Array.isArray(value) || value instanceof Map) {
      throw new DataException('Invalid type for STRUCT: want an object')
    }
    const { cells, header, names } = this.#prepare(schema)
    const record = value as Readonly<Record<string, unknown>>
    const line: (string | null)[] = []
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string
      line.push((cells[at] as CellWriter)(Object.hasOwn(record, name) ? record[name] : null))
    }
    return header + csvLine(line, this.#dialect)
  }
  #prepare(schema: Schema): Prepared {
    let prepared = this.#prepared.get(schema)
    if (prepared === undefined) {
      const byName = new Map(schema.fields.map((field) => [field.name, field.schema]))
      const names = this.#columns.length > 0 ? this.#columns.map((column) => column.name) : [...byName.keys()]
      // A column that the struct does not have is an empty cell.
      const cells = names.map((name) => cellWriter(byName.get(name) ?? null))
      prepared = { names, cells, header: this.#header(names) }
      this.#prepared.set(schema, prepared)
    }
    return prepared
  }
  #header(names: readonly string[]): string {
    return this.#headerRow ? `${csvLine(names, this.#dialect)}\n` : ''
  }
  /** Without a schema: a map by name, a list of cells, or a single cell. */
  #plainText(schema: Schema | null, value: unknown): string {
    try {
      if (Array.isArray(value)) {
        const cell = cellWriter(schema?.type === 'ARRAY' ? schema.valueSchema : null)
        return this.#header(this.#columns.map((column) => column.name)) + csvLine(value.map(cell), this.#dialect)
      }
      const entries = entriesOf(value)
      if (entries === null) return csvLine([cellWriter(schema)(value)], this.#dialect)
      const cell = cellWriter(schema?.type === 'MAP' ? schema.valueSchema : null)
      const names = this.#columns.length > 0 ? this.#columns.map((column) => column.name) : [...entries.keys()]
      const line = names.map((name) => (entries.has(name) ? cell(entries.get(name)) : plainCells(null)))
      return this.#header(names) + csvLine(line, this.#dialect)
    } catch (error) {
      if (error instanceof DataException) throw error
      throw new DataException(`Cannot write CSV: ${errorMessage(error)}`, { cause: error })
    }
  }

  #parse(text: string): unknown {
    let { cells, next } = parseCsvLine(text, this.#dialect)
    let columns: readonly (CsvColumn | undefined)[] = this.#columns
    if (this.#headerRow) {
      if (columns.length > 0) columns = cells.map((name) => this.#columns.find((column) => column.name === name))
      const second = parseCsvLine(text, this.#dialect, next)
      cells = second.cells
      next = second.next
    }
    if (next < text.length) throw new DataException('Cannot read CSV: a message is one line, and this one has more')
    return this.#columns.length === 0 ? cells : this.#record(columns, cells)
  }
  #record(columns: readonly (CsvColumn | undefined)[], cells: readonly (string | null)[]): unknown {
    if (cells.length > columns.length) {
      throw new DataException(`Cannot read CSV: ${cells.length} cells, but csv.columns has ${columns.length} columns`)
    }
    const value: Record<string, unknown> = {}
    for (const { name } of this.#columns) setMember(value, name, null)
    for (let at = 0; at < cells.length; at++) {
      const column = columns[at]
      const cell = cells[at] as string | null
      if (column === undefined || cell === null) continue
      try {
        value[column.name] = column.read(cell)
      } catch (error) {
        throw new DataException(`Cannot read CSV: ${errorMessage(error)} (at ${column.name})`, { cause: error })
      }
    }
    return value
  }
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (value instanceof Map) return new Map([...value].map(([name, item]) => [String(name), item]))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return null
  return new Map(Object.entries(value))
}
