// Every connector package has the same set of files, so that who knows one finds their way in all.
import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const ROOT = new URL('..', import.meta.url).pathname
const PACKAGES = globSync('packages/connectors/*/src/index.ts', { cwd: ROOT }).map((file) =>
  join(ROOT, dirname(dirname(file))),
)
/** What a page must speak of, in whatever words stand around it. */
const TOPICS = [/in one minute/i, /delivery/i, /records?|lines/i, /errors/i, /<!-- config /]

describe('connector packages', () => {
  it('are found', () => {
    assert.ok(PACKAGES.length >= 3, PACKAGES.join())
  })

  for (const folder of PACKAGES) {
    const name = basename(folder)

    it(`${name} has an entry, a contract test, a page and a benchmark`, () => {
      for (const file of ['src/index.ts', 'src/contract.test.ts', 'README.md']) {
        assert.ok(existsSync(join(folder, file)), file)
      }
      assert.ok(
        readdirSync(join(folder, 'bench')).some((file) => file.endsWith('.ts')),
        'bench/',
      )
    })

    it(`${name} has a page that says what users ask`, () => {
      const page = readFileSync(join(folder, 'README.md'), 'utf8')
      for (const topic of TOPICS) assert.match(page, topic)
    })

    it(`${name} keeps each connector beside its configuration`, () => {
      const connectors = globSync('src/**/connector.ts', { cwd: folder })
      assert.ok(connectors.length > 0)
      for (const connector of connectors) {
        assert.ok(existsSync(join(folder, dirname(connector), 'config.ts')), `${dirname(connector)}/config.ts`)
      }
    })

    it(`${name} loads nothing heavy with its entry`, () => {
      const entry = readFileSync(join(folder, 'src/index.ts'), 'utf8')
      const imports = [...entry.matchAll(/^import .* from '(.*)'$/gm)].map((match) => match[1])
      assert.deepEqual(imports.sort(), ['./version.ts', '@millrace/api'])
    })
  }
})
