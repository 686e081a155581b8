// Configuration files as the command is given them: the worker's, and one for each connector. Properties and JSON, both.
import { ConfigException, errorMessage } from '@millrace/api'
import type { TargetState } from '../plane/messages.ts'
import { parseProperties, readTextFile } from './properties.ts'

/** A connector to create at the start. */
export interface ConnectorDefinition {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly initialState?: TargetState
}

const INITIAL_STATES: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

/** Reads the worker's configuration file. @throws ConnectException when it cannot be read, ConfigException when it makes no sense */
export async function loadWorkerFile(path: string): Promise<Record<string, string>> {
  const text = await readTextFile(path, 'worker configuration')
  const json = parseJson(text, path)
  return json === undefined ? propertiesOf(text, path) : textMap(json, path)
}

/**
 * Reads a connector's file: a JSON object of settings, a JSON create request (`name`, `config`, `initial_state`), or properties.
 * @throws ConnectException when it cannot be read, ConfigException without a name or with two different ones
 */
export async function loadConnectorFile(path: string): Promise<ConnectorDefinition> {
  const text = await readTextFile(path, 'connector configuration')
  const json = parseJson(text, path)
  const definition = json === undefined ? named(propertiesOf(text, path), path) : fromJson(json, path)
  if (definition.config['connector.class'] === undefined) {
    throw new ConfigException(`The connector configuration ${path} has no 'connector.class'.`, {
      configKey: 'connector.class',
    })
  }
  return definition
}

function propertiesOf(text: string, path: string): Record<string, string> {
  try {
    return parseProperties(text)
  } catch (error) {
    throw new ConfigException(`The file ${path} is not a valid properties file: ${errorMessage(error)}`, {
      cause: error,
    })
  }
}

/** Undefined for a file that is not meant to be JSON. */
function parseJson(text: string, path: string): Record<string, unknown> | undefined {
  const isJson = /^\s*[{[]/.test(text)
  if (!isJson) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw new ConfigException(`The file ${path} is not valid JSON: ${errorMessage(error)}`, { cause: error })
  }
  throw new ConfigException(`The file ${path} must hold a JSON object, not a list.`)
}

function fromJson(json: Record<string, unknown>, path: string): ConnectorDefinition {
  const { name, config, initial_state: state } = json
  if (typeof config !== 'object' || config === null) return named(textMap(json, path), path)
  const settings = textMap(config as Record<string, unknown>, path)
  if (typeof name !== 'string' || name === '') throw nameless(path)
  if (settings.name !== undefined && settings.name !== name) {
    throw new ConfigException(
      `The connector configuration ${path} has two names: '${name}' and, in its config, '${settings.name}'.`,
    )
  }
  const definition = { name, config: { ...settings, name } }
  if (state === undefined || state === null) return definition
  const initialState = INITIAL_STATES[String(state).toUpperCase()]
  if (initialState === undefined) {
    throw new ConfigException(
      `The connector configuration ${path} has the initial_state ${String(state)}; it may be RUNNING, PAUSED or STOPPED.`,
    )
  }
  return { ...definition, initialState }
}

function named(config: Readonly<Record<string, string>>, path: string): ConnectorDefinition {
  const name = config.name?.trim()
  if (name === undefined || name === '') throw nameless(path)
  return { name, config: { ...config, name } }
}

function textMap(json: Record<string, unknown>, path: string): Record<string, string> {
  const map: Record<string, string> = {}
  for (const [key, value] of Object.entries(json)) {
    if (value === null) continue
    if (typeof value === 'object')
      throw new ConfigException(`The key '${key}' in ${path} must hold a text, not an object or a list.`)
    map[key] = String(value)
  }
  return map
}

function nameless(path: string): ConfigException {
  return new ConfigException(`The connector configuration ${path} has no 'name'.`, { configKey: 'name' })
}
