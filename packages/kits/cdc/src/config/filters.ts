// Keys that say what is captured.
import type { ConfigKeySpec, ConfigSpec } from '@millrace/api'
import { regexes } from './validators.ts'

const list = (doc: string) =>
  ({
    type: 'list',
    default: null,
    importance: 'medium',
    group: 'Filters',
    validator: regexes,
    doc,
  }) as const satisfies ConfigKeySpec

/** Keys of all include and exclude lists. */
export const FILTER_KEYS = {
  'database.include.list': list('Regular expressions for the databases to capture.'),
  'database.exclude.list': list('Regular expressions for the databases to leave out.'),
  'schema.include.list': list('Regular expressions for the schemas to capture.'),
  'schema.exclude.list': list('Regular expressions for the schemas to leave out.'),
  'table.include.list': list(
    'Regular expressions for the full names of tables to capture; all that are not built in without it.',
  ),
  'table.exclude.list': list('Regular expressions for the full names of tables to leave out.'),
  'table.ignore.builtin': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: "Leaves out the database's own tables.",
  },
  'column.include.list': list('Regular expressions for the full names of columns that events hold.'),
  'column.exclude.list': list('Regular expressions for the full names of columns that events leave out.'),
  'column.propagate.source.type': list(
    'Columns, by full name, whose type, length and scale become parameters of their schema.',
  ),
  'datatype.propagate.source.type': list('Types, by full name, whose columns get such parameters.'),
} as const satisfies ConfigSpec

/** Pairs of lists of which only one may be given. */
export const EXCLUSIVE_LISTS = ['database', 'schema', 'table', 'column'] as const
