// Writes the tables of configuration keys into the connectors' README pages, from their definitions.
// `node scripts/connector-docs.ts` writes; with `--check` it compares, names the pages that are out of date, and fails.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyPluginDescriptor, ConfigDef } from '@millrace/api'
import { configTable, definitionOf } from './config-table.ts'

const check = process.argv.includes('--check')
const stale: string[] = []
for (const entry of globSync('packages/connectors/*/src/index.ts').sort()) {
  const page = join(dirname(entry), '..', 'README.md')
  const { plugins } = (await import(pathToFileURL(resolve(entry)).href)) as { plugins: readonly AnyPluginDescriptor[] }
  const before = readFileSync(page, 'utf8')
  let after = before
  for (const plugin of plugins) after = withTable(after, page, plugin.className, await definitionOf(plugin))
  if (after === before) continue
  if (check) stale.push(page)
  else writeFileSync(page, after)
}
for (const page of stale)
  console.error(`${page}: run node scripts/connector-docs.ts, its configuration table is out of date`)
process.exitCode = stale.length === 0 ? 0 : 1

/** The page with the table of `className` replaced: everything between the two comments that name it. */
function withTable(page: string, path: string, className: string, definition: ConfigDef): string {
  const open = `<!-- config ${className} -->\n`
  const close = '<!-- end -->'
  const from = page.indexOf(open)
  const to = page.indexOf(close, from)
  if (from < 0 || to < 0)
    throw new Error(`${path} has no "${open.trim()}" ... "${close}" for the table of ${className}`)
  return page.slice(0, from + open.length) + configTable(definition) + page.slice(to)
}
