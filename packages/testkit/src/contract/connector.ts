// What every connector must do, source or sink; called by both suites.
import assert from 'node:assert/strict'
import type { Connector, ConnectorProps } from '@millrace/api'

/** Checks a definition: every key is explained, defaults pass their own checks, and valid properties have no findings. */
export async function checkDefinition(connector: Connector<never>, props: ConnectorProps): Promise<void> {
  assert.match(connector.version, /\S/, 'a connector tells its version')
  for (const key of connector.config.keys.values()) {
    assert.ok(key.doc.length >= 10, `${key.name} is explained`)
    assert.doesNotMatch(key.doc, /TODO|FIXME/, key.name)
  }
  const findings = (await connector.validate(props)).filter((one) => one.errors.length > 0)
  assert.deepEqual(findings, [], 'valid properties have no findings')
}

/** Checks every required key: without it there is exactly one finding, at that key, in the words of the framework. */
export async function checkRequiredKeys(connector: Connector<never>, props: ConnectorProps): Promise<void> {
  for (const key of connector.config.keys.values()) {
    if (!key.required) continue
    const { [key.name]: _, ...rest } = props
    const finding = (await connector.validate(rest)).find((one) => one.name === key.name)
    assert.deepEqual(finding?.errors, [`Missing required configuration "${key.name}" which has no default value.`])
  }
}

/** Checks task configurations: no more than asked for, text only, and the same again when asked again. */
export async function checkTaskConfigs(connector: Connector<never>): Promise<ConnectorProps[]> {
  for (const maxTasks of [1, 2, 5]) {
    const configs = await connector.taskConfigs(maxTasks)
    assert.ok(configs.length <= maxTasks, `${configs.length} configurations for at most ${maxTasks} tasks`)
    for (const config of configs) {
      for (const [key, value] of Object.entries(config)) assert.equal(typeof value, 'string', `task config ${key}`)
    }
    assert.deepEqual(await connector.taskConfigs(maxTasks), configs, 'asking again changes nothing')
  }
  const [first] = await connector.taskConfigs(1)
  assert.ok(first !== undefined, 'there is work for one task')
  return [first]
}
