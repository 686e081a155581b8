// The entry of the CDC kit: what connectors that capture changes share.
export { VERSION } from './version.ts'
