// Optional native packages, loaded at first use: a worker that meets no snappy pays nothing for it.
import { createRequire } from 'node:module'
import { UnsupportedCompression } from './errors.ts'

const require = createRequire(import.meta.url)
const loaded = new Map<string, unknown>()

/** The package `name`, or an error that says what to install. @param purpose what needs it, such as `snappy` */
export function optionalPackage<T>(name: string, purpose: string): T {
  const known = loaded.get(name)
  if (known !== undefined) return known as T
  try {
    const module: unknown = require(name)
    loaded.set(name, module)
    return module as T
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new UnsupportedCompression(
      `${purpose} compression needs the optional package "${name}", which could not be loaded (${reason}); install it with: npm install ${name}`,
    )
  }
}
