// Validators of the keys that relational connectors share.
import { compileJavaRegex, satisfies, type Validator } from '@millrace/api'
import { splitRegexes } from '../filters/regex-list.ts'

/** A number of at least 0. */
export const notNegative: Validator = satisfies('a non-negative number', (value) =>
  value === null || (value as number) >= 0 ? undefined : 'A non-negative number is required',
)
/** A number of at least 1. */
export const positive: Validator = satisfies('a positive number', (value) =>
  value === null || (value as number) > 0 ? undefined : 'A positive number is required',
)
/** Regular expressions with commas between. */
export const regexes: Validator = satisfies('a comma-separated list of regular expressions', (value) => {
  if (value === null) return undefined
  for (const source of splitRegexes((value as readonly string[]).join(','))) {
    const regex = compileJavaRegex(source)
    if (typeof regex === 'string')
      return `A comma-separated list of valid regular expressions is required, but ${regex}`
  }
  return undefined
})
/** One regular expression. */
export const regex: Validator = satisfies('a regular expression', (value) => {
  if (value === null) return undefined
  const compiled = compileJavaRegex(value as string)
  return typeof compiled === 'string' ? compiled : undefined
})
/** Characters of a topic's name. */
export const topicName: Validator = satisfies('letters, digits, dots, hyphens and underscores', (value) =>
  value === null || /^[a-zA-Z0-9._-]+$/.test(value as string)
    ? undefined
    : 'Only alphanumeric characters, hyphens, dots and underscores must be accepted',
)
/** `table:column,column;table:column`. */
export const keyColumns: Validator = satisfies('table:column[,column][;...]', (value) => {
  const bad = (value as string | null)?.split(';').find((part) => !/^\s*([^:]+):([^:,]+(,[^:,]+)*)\s*$/.test(part))
  return bad === undefined
    ? undefined
    : `'${bad}' is not of the form <fully-qualified table name>:<key column>[,<key column>]`
})

const OPERATIONS = new Set(['c', 'u', 'd', 't', 'none'])
/** Operations that streaming may leave out. */
export const operations: Validator = satisfies('c, u, d, t, or none', (value) => {
  const list = (value as readonly string[] | null)?.map((one) => one.trim()) ?? []
  const bad = list.find((one) => !OPERATIONS.has(one))
  if (bad !== undefined) return `Invalid operation: ${bad}`
  return list.includes('none') && list.length > 1
    ? "'none' cannot be specified with other skipped operation types"
    : undefined
})
