// The templates by name. Names, fields and types are those of Datagen's quickstarts; the values are our own.
import * as shop from './shop.ts'
import type { Template } from './template.ts'
import * as trade from './trade.ts'
import * as web from './web.ts'

/** All templates, by the name that configurations use. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map<string, Template>(
  Object.entries({ ...shop, ...web, ...trade }).sort(([a], [b]) => (a < b ? -1 : 1)),
)

export type { Template }
