// This project's own transformation.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

export const scriptPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'transformation',
    className: 'millrace.Script',
    version: VERSION,
    runsConfiguredCode: true,
    load: async () => (await import('./script.ts')).Script,
  },
]
