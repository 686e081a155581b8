// Admin client configuration: what it has beside the keys all clients share.
import { atLeast, defineConfig, type InferConfig } from '@millrace/api'

/** Keys of the admin client. */
export const ADMIN_KEYS = defineConfig({
  'default.api.timeout.ms': {
    type: 'int',
    default: '60000',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Milliseconds that a call may take with all its retries, where it is given no time limit of its own.',
  },
  'connections.max.idle.ms': {
    type: 'long',
    default: '300000',
    importance: 'medium',
    doc: 'Milliseconds without a request after which a connection is made anew for the next one; negative for never.',
  },
  retries: {
    type: 'int',
    default: '2147483647',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Most retries of one call. default.api.timeout.ms is the better bound.',
  },
})

export type AdminValues = InferConfig<typeof ADMIN_KEYS>
