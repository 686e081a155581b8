// npm run build: compiles every package to dist/packages/..., each a folder that can be published as it is:
// JavaScript and type declarations, a package.json whose exports point at them, README and licence.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { workspaces } from './sources.ts'

const OUT = 'dist'
const ENGINES: Readonly<Record<string, string>> = { millrace: '>=20' }
const DEFAULT_ENGINE = '>=24'

interface Manifest {
  name: string
  exports?: Record<string, string>
  engines?: Record<string, string>
  [key: string]: unknown
}

rmSync(OUT, { recursive: true, force: true })
const compiled = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)

for (const { folder, name } of workspaces()) {
  const target = join(OUT, folder)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`)
  for (const extra of ['README.md', 'bin']) {
    if (existsSync(join(folder, extra))) cpSync(join(folder, extra), join(target, extra), { recursive: true })
  }
  cpSync('LICENSE', join(target, 'LICENSE'))
  link(name, target)
}
// Newer sources than this tell the command of a checkout to run them instead.
writeFileSync(join(OUT, 'built'), '')
console.log(`Built ${workspaces().length} packages into ${OUT}/packages`)

/** The built packages find each other, and not the sources, when they are run from here. */
function link(name: string, target: string): void {
  const at = join(OUT, 'node_modules', name)
  mkdirSync(dirname(at), { recursive: true })
  symlinkSync(relative(dirname(at), target), at, 'dir')
}

/** The manifest as published: exports point at compiled files, and the engine is what the code needs. */
function published(manifest: Manifest): Manifest {
  const exports = Object.entries(manifest.exports ?? {}).map(([entry, file]) => [
    entry,
    { types: file.replace(/\.ts$/, '.d.ts'), default: file.replace(/\.ts$/, '.js') },
  ])
  return {
    ...manifest,
    exports: Object.fromEntries(exports) as never,
    files: ['src', 'bin', 'README.md'],
    engines: { node: ENGINES[manifest.name] ?? DEFAULT_ENGINE },
  }
}
