// Definitions and outcomes as the REST API shows them.
import { type ConfigKey, type ConfigValue, configValueToString } from '@millrace/api'
import type { ConfigKeyInfo, ConfigValueInfo } from '../plane/messages.ts'

/** A definition; `prefix` stands before its name when it belongs to a part of the configuration. */
export function keyInfo(key: ConfigKey, prefix = ''): ConfigKeyInfo {
  return {
    name: prefix + key.name,
    type: key.type.toUpperCase(),
    required: key.required,
    default_value: key.required ? null : configValueToString(key.defaultValue),
    importance: key.importance.toUpperCase(),
    documentation: key.doc,
    group: key.group,
    order_in_group: key.orderInGroup,
    width: key.width.toUpperCase(),
    display_name: key.displayName,
    dependents: key.dependents,
  }
}

/** An outcome. */
export function valueInfo(value: ConfigValue, prefix = ''): ConfigValueInfo {
  return {
    name: prefix + value.name,
    value: configValueToString(value.value),
    recommended_values: value.recommendedValues.map(configValueToString),
    errors: value.errors,
    visible: value.visible,
  }
}
