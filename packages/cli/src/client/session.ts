// What every client command begins with.
import { ConnectApi } from './connect-api.ts'
import { HttpClient } from './http.ts'
import { type Output, output } from './output.ts'
import { type ConnectionOptions, type Settings, settingsOf } from './settings.ts'

/** A command's way to the REST API and its way to the user. */
export interface Session {
  readonly api: ConnectApi
  readonly out: Output
  readonly settings: Settings
}

/** @throws ClientError for options that do not fit */
export function openSession(options: ConnectionOptions): Session {
  const settings = settingsOf(options)
  return { api: new ConnectApi(new HttpClient(settings)), out: output(options.json), settings }
}
