// What differs from Debezium's JDBC sink 3.5, each with its reason; everything else must be the same.
import { at } from '../debezium-common/known.ts'
import type { Difference } from './compare.ts'
import type { Kind } from './tables.ts'

/** Differences of one kind, and why they are. */
export interface KnownDifference {
  readonly why: string
  /** Database that alone has it; both when left out. */
  readonly only?: Kind
  readonly fits: (one: Difference) => boolean
}

const KNOWN: readonly KnownDifference[] = [
  {
    why: 'Names are always quoted here, so a reserved word may be one; there the table is not made, and the task fails.',
    fits: at(/^n_reserved_x/),
  },
  { why: 'A key that is no struct is a ClassCastException there.', fits: at(/^k_plain_x/) },
  {
    why: 'Whole decimals get a scale of -1 there: PostgreSQL rounds them to tens, MariaDB refuses the table.',
    fits: at(/^t_decimal_zero_x/),
  },
  {
    why: 'The bytes of Bits are read in the wrong order there: other bits than the source has, or too many for the column.',
    fits: at(/^t_bits_x/),
  },
  {
    why: 'Elements of arrays are not converted there, and MariaDB has no arrays: the task fails. Here they are dates, and JSON.',
    fits: at(/^t_array_date_x/),
  },
  {
    why: 'Arrays fail with a NullPointerException there; here they are JSON.',
    only: 'mariadb',
    fits: at(/^t_array_(int|text|uuid)_x/),
  },
  {
    why: 'A quote in a value of a map is not escaped there for hstore; MariaDB does not know the cast that is sent to it.',
    fits: at(/^t_map_x/),
  },
  { why: 'Durations lose what is below a second there.', only: 'postgres', fits: at(/^t_dbz_micro_duration_x/) },
  { why: 'A point needs PostGIS there, though its column does not.', only: 'postgres', fits: at(/^t_point_x/) },
  {
    why: 'A column that is added keeps the case of its field there, and is not found when the row is written.',
    only: 'mariadb',
    fits: at(/^e_evolve_optional_x/),
  },
  { why: 'A binary key gets no length there, which MariaDB refuses.', only: 'mariadb', fits: at(/^k_bytes_x/) },
  {
    why: 'A timestamp column ends in 2038; a datetime column holds every year.',
    only: 'mariadb',
    fits: (one) => one.at === 't_dbz_zoned_timestamp_x.t_dbz_zoned_timestamp_x.columns[1]',
  },
  { why: 'A time with a zone has no column type there.', only: 'mariadb', fits: at(/^t_dbz_zoned_time_x/) },
  { why: 'Bits without a length have no column type there.', only: 'mariadb', fits: at(/^t_bits_varying_x/) },
  {
    why: 'A vector needs a column type that MariaDB has from 11.7 on; here it is JSON.',
    only: 'mariadb',
    fits: at(/^t_(double|float)_vector_x/),
  },
  {
    why: 'Unsigned 64-bit numbers get a signed column there, which the larger half of them does not fit.',
    only: 'mariadb',
    fits: at(/^t_bigint_unsigned_x/),
  },
  {
    why: 'A TINYINT that came as INT16 may be unsigned: here it gets a smallint, as in later versions of the reference.',
    only: 'mariadb',
    fits: at(/^t_tinyint_x/),
  },
]

/** What nobody explains, and explanations of what does not differ: both are to be empty. */
export function unexplained(kind: Kind, differences: readonly Difference[]) {
  const known = KNOWN.filter(({ only }) => only === undefined || only === kind)
  return {
    differences: differences.filter((one) => !known.some(({ fits }) => fits(one))),
    unseen: known.filter(({ fits }) => !differences.some(fits)).map(({ why }) => why),
  }
}
