// Plugins that belong to the runtime itself: config providers, override policies and basic authentication, under the reference's class names.
import { definePlugins } from '@millrace/api'

const PROVIDERS = 'org.apache.kafka.common.config.provider'
const POLICIES = 'org.apache.kafka.connect.connector.policy'
const VERSION = '0.1.0'

/** Always registered, beside the modules that a worker names. */
export const plugins = definePlugins([
  {
    kind: 'config_provider',
    className: `${PROVIDERS}.FileConfigProvider`,
    version: VERSION,
    load: async () => (await import('../config/providers/file.ts')).FileConfigProvider,
  },
  {
    kind: 'config_provider',
    className: `${PROVIDERS}.DirectoryConfigProvider`,
    version: VERSION,
    load: async () => (await import('../config/providers/directory.ts')).DirectoryConfigProvider,
  },
  {
    kind: 'config_provider',
    className: `${PROVIDERS}.EnvVarConfigProvider`,
    version: VERSION,
    load: async () => (await import('../config/providers/env.ts')).EnvVarConfigProvider,
  },
  {
    kind: 'override_policy',
    className: `${POLICIES}.AllConnectorClientConfigOverridePolicy`,
    version: VERSION,
    load: async () => (await import('../config/override-policies.ts')).AllOverridePolicy,
  },
  {
    kind: 'override_policy',
    className: `${POLICIES}.NoneConnectorClientConfigOverridePolicy`,
    version: VERSION,
    load: async () => (await import('../config/override-policies.ts')).NoneOverridePolicy,
  },
  {
    kind: 'override_policy',
    className: `${POLICIES}.PrincipalConnectorClientConfigOverridePolicy`,
    version: VERSION,
    load: async () => (await import('../config/override-policies.ts')).PrincipalOverridePolicy,
  },
  {
    kind: 'override_policy',
    className: `${POLICIES}.AllowlistConnectorClientConfigOverridePolicy`,
    version: VERSION,
    load: async () => (await import('../config/override-policies.ts')).AllowlistOverridePolicy,
  },
  {
    kind: 'rest_extension',
    className: 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
    version: VERSION,
    load: async () => (await import('../rest/basic-auth/basic-auth-extension.ts')).BasicAuthSecurityRestExtension,
  },
])
