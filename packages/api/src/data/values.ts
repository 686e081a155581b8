// Values and their text, as headers carry them, and conversions between types.
export * from './values/conversions.ts'
export { inferSchema } from './values/infer.ts'
export { parseString } from './values/parser.ts'
export { convertToString } from './values/text.ts'
