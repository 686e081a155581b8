// Filter: drops records. Meant to be guarded by a predicate.
import { defineConfig, type Transformation } from '@millrace/api'

/** Drops every record it is given. */
export class Filter implements Transformation {
  readonly config = defineConfig({})

  configure(): void {}
  apply(): null {
    return null
  }
}
