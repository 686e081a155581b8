// A plugin as a user writes it, in one file that plugin.path names: a transformation and a predicate.
import {
  type ConnectRecord,
  DataException,
  defineConfig,
  definePlugins,
  type Predicate,
  type RawConfig,
  type Transformation,
} from '@millrace/api'

const SUFFIX = defineConfig({
  suffix: { type: 'string', default: '!', importance: 'low', doc: 'What is put behind the value.' },
})
const PATTERN = defineConfig({
  pattern: { type: 'string', importance: 'high', doc: 'A regular expression for the value.' },
})

class Shout implements Transformation {
  readonly config = SUFFIX
  #suffix = ''
  configure(configs: RawConfig): void {
    this.#suffix = SUFFIX.parse(configs).suffix
  }
  apply(record: ConnectRecord): ConnectRecord {
    return record.with({ value: `${String(record.value).toUpperCase()}${this.#suffix}` })
  }
}

class Drop implements Transformation {
  readonly config = defineConfig({})
  configure(): void {}
  apply(): null {
    return null
  }
}

class Refuse implements Transformation {
  readonly config = defineConfig({})
  configure(): void {}
  apply(): never {
    throw new DataException('Refused, whatever it is')
  }
}

class ValueMatches implements Predicate {
  readonly config = PATTERN
  #pattern = /^$/
  configure(configs: RawConfig): void {
    this.#pattern = new RegExp(PATTERN.parse(configs).pattern)
  }
  test(record: ConnectRecord): boolean {
    return this.#pattern.test(String(record.value))
  }
}

export const plugins = definePlugins([
  { kind: 'transformation', className: 'test.Shout', version: '1.0', load: async () => Shout },
  { kind: 'transformation', className: 'test.Drop', version: '1.0', load: async () => Drop },
  { kind: 'transformation', className: 'test.Refuse', version: '1.0', load: async () => Refuse },
  { kind: 'predicate', className: 'test.ValueMatches', version: '1.0', load: async () => ValueMatches },
])
