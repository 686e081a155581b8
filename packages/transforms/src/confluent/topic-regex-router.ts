// TopicRegexRouter: RegexRouter with what RE2 writes otherwise than Java: groups named by `(?P<name>...)`.
import { type ConfigDef, compileJavaRegex, defineConfig, type RawConfig, satisfies } from '@millrace/api'
import { RegexRouter } from '../apache/regex-router.ts'

const CONFIG = defineConfig({
  regex: {
    type: 'string',
    importance: 'high',
    doc: 'A regular expression of RE2. Records of topics that it matches as a whole are rerouted, others pass as they are.',
    validator: satisfies('valid Re2j regex', (value) => {
      const compiled = compileJavaRegex(toJava(String(value)))
      return typeof compiled === 'string' ? `Invalid regex: ${compiled}` : undefined
    }),
  },
  replacement: {
    type: 'string',
    importance: 'high',
    doc: "What the first match becomes. $ and a group's number, or its name in braces, stand for the group; a backslash takes away the meaning of what follows.",
  },
})

/** Renames topics that match. */
export class TopicRegexRouter extends RegexRouter {
  override readonly config: ConfigDef = CONFIG

  override configure(configs: RawConfig): void {
    const { regex, replacement } = CONFIG.parse(configs)
    super.configure({ regex: toJava(regex), replacement })
  }
}

/** Named groups as Java writes them. Escaped characters and classes are no groups. */
function toJava(regex: string): string {
  return regex.replace(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P</gs, (found) => (found === '(?P<' ? '(?<' : found))
}
