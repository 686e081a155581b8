// npm run check: types, lint and format, import arrows, file sizes. Everything is run, then all findings are reported.
import { spawnSync } from 'node:child_process'
import { checkArrows } from './check-arrows.ts'
import { checkSizes } from './check-sizes.ts'

interface Check {
  readonly name: string
  readonly run: () => string[]
}

function command(program: string, ...args: readonly string[]): () => string[] {
  return () => {
    const result = spawnSync(program, args, { encoding: 'utf8' })
    if (result.status === 0) return []
    return [result.error?.message ?? `${result.stdout}${result.stderr}`.trim()]
  }
}

const CHECKS: readonly Check[] = [
  { name: 'types', run: command('tsc', '-p', 'tsconfig.json') },
  { name: 'lint and format', run: command('biome', 'check', '--error-on-warnings', '.') },
  { name: 'import arrows', run: checkArrows },
  { name: 'file sizes', run: checkSizes },
  { name: 'connector pages', run: command('node', 'scripts/connector-docs.ts', '--check') },
  { name: 'transformations page', run: command('node', 'scripts/transformation-docs.ts', '--check') },
  { name: 'error page', run: command('node', 'scripts/error-docs.ts', '--check') },
]

let failed = 0
for (const check of CHECKS) {
  const findings = check.run()
  if (findings.length > 0) failed++
  console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${check.name}`)
  for (const finding of findings) console.log(finding.replace(/^/gm, '     '))
}
process.exitCode = failed === 0 ? 0 : 1
