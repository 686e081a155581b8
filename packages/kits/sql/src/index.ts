// The entry of the SQL kit: what connectors of relational databases share.
export { VERSION } from './version.ts'
