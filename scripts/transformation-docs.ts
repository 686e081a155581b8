// Writes the tables of configuration keys into docs/transformations.md, from the definitions of the transformations and predicates.
// `node scripts/transformation-docs.ts` writes, and adds a section for a plugin that has none; with `--check` it compares and fails.
import { readFileSync, writeFileSync } from 'node:fs'
import type { AnyPluginDescriptor } from '@millrace/api'
import { plugins } from '@millrace/transforms'
import { configTable, definitionOf } from './config-table.ts'

const PAGE = 'docs/transformations.md'
const SIDE = /\$(?:Key|Value)$/

const before = readFileSync(PAGE, 'utf8')
let after = before
for (const [name, plugin] of byName(plugins)) after = withTable(after, name, configTable(await definitionOf(plugin)))
if (after !== before) {
  if (process.argv.includes('--check')) {
    console.error(`${PAGE}: run node scripts/transformation-docs.ts, its tables are out of date`)
    process.exitCode = 1
  } else {
    writeFileSync(PAGE, after)
  }
}

/** One plugin for each name; `$Key` and `$Value` of a transformation have the same keys. */
function byName(all: readonly AnyPluginDescriptor[]): Map<string, AnyPluginDescriptor> {
  return new Map(all.map((plugin) => [plugin.className.replace(SIDE, ''), plugin]))
}

/** The page with the table between the two comments replaced, or with a section more. */
function withTable(page: string, name: string, table: string): string {
  const keys = table.split('\n').length > 3 ? table : 'No keys.\n'
  const open = `<!-- config ${name} -->\n`
  const from = page.indexOf(open)
  if (from < 0)
    return `${page.trimEnd()}\n\n## ${name.slice(name.lastIndexOf('.') + 1)}\n\n\`${name}\`\n\n${open}${keys}<!-- end -->\n`
  return page.slice(0, from + open.length) + keys + page.slice(page.indexOf('<!-- end -->', from))
}
