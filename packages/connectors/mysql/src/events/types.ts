// The types of MySQL and MariaDB for the kit: rows come with their final values, so a column has a schema and no converter.
import type { Value } from '@millrace/api'
import type { Column, ColumnMapping, Table, TypeDialect } from '@millrace/kit-cdc'
import { type ColumnValues, columnValues } from './column-values.ts'
import { defaultOf } from './defaults.ts'
import type { ValueModes } from './modes.ts'

const asItIs = (value: unknown): Value => value as Value

/** Columns by the modes of a configuration. The values of a column are made once, and used by snapshot, stream and schemas. */
export class MySqlTypes implements TypeDialect {
  readonly #modes: ValueModes
  readonly #values = new WeakMap<Column, { readonly values: ColumnValues | null }>()

  constructor(modes: ValueModes) {
    this.#modes = modes
  }

  mapping(column: Column, _table: Table): ColumnMapping | undefined {
    const values = this.valuesOf(column)
    if (values === null) return undefined
    const defaultValue = defaultOf(column, values)
    const schema = values.builder()
    return {
      schema,
      convert: asItIs,
      fallback: values.fallback,
      ...(defaultValue !== undefined && { defaultValue }),
    }
  }

  /** Null for a type that cannot be shown. */
  valuesOf(column: Column): ColumnValues | null {
    let known = this.#values.get(column)
    if (known === undefined) {
      known = { values: columnValues(column, this.#modes) }
      this.#values.set(column, known)
    }
    return known.values
  }
}
