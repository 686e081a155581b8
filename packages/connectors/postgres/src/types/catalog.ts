// The types of a database, from its catalogue.

/** A type, as `pg_type` has it. */
export interface PgType {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `b` base, `c` composite, `d` domain, `e` enum, `m` multirange, `p` pseudo, `r` range. */
  readonly kind: string
  /** Type of an array's elements, 0 for others. */
  readonly elementOid: number
  /** Type a domain is made of, 0 for others, and the modifier it adds. */
  readonly baseOid: number
  readonly baseModifier: number
  readonly delimiter: string
  /** Labels of an enum in their order. */
  readonly labels: readonly string[]
}

/** Asks the database: rows of objects. */
export type Ask = (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

const QUERY = `SELECT t.oid::int8 AS oid, n.nspname AS schema, t.typname AS name, t.typtype AS kind,
  CASE WHEN t.typcategory = 'A' THEN t.typelem::int8 ELSE 0 END AS element, t.typbasetype::int8 AS base, t.typtypmod AS modifier,
  t.typdelim AS delimiter, (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')`

/** Types by number. Asked again when one is met that was made later, or changed. */
export class TypeCatalog {
  #ask: Ask
  #types = new Map<number, PgType>()

  constructor(ask: Ask) {
    this.#ask = ask
  }

  /** Asks another connection from now on. */
  use(ask: Ask): void {
    this.#ask = ask
  }

  async load(): Promise<void> {
    const rows = await this.#ask(QUERY)
    this.#types = new Map(
      rows.map((row) => [
        Number(row.oid),
        {
          oid: Number(row.oid),
          schema: String(row.schema),
          name: String(row.name),
          kind: String(row.kind),
          elementOid: Number(row.element),
          baseOid: Number(row.base),
          baseModifier: Number(row.modifier),
          delimiter: String(row.delimiter),
          labels: (row.labels ?? []) as string[],
        },
      ]),
    )
  }

  /** The type, or undefined when it came after the last {@link load}. */
  get(oid: number): PgType | undefined {
    return this.#types.get(oid)
  }

  /** Makes sure that these are known, asking at most once. */
  async ensure(oids: Iterable<number>): Promise<void> {
    for (const oid of oids) {
      if (this.#types.has(oid)) continue
      await this.load()
      return
    }
  }

  /** What a domain is made of in the end, with the modifier to use; other types are themselves. */
  resolve(oid: number, modifier: number): { readonly type: PgType | undefined; readonly modifier: number } {
    let type = this.get(oid)
    let last = modifier
    while (type !== undefined && type.kind === 'd') {
      if (last === -1) last = type.baseModifier
      type = this.get(type.baseOid)
    }
    return { type, modifier: last }
  }
}
