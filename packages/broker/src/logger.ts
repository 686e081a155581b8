// How the broker says what happens to it.

/** Where log lines go. */
export interface Logger {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Lines on standard error, with time and level. `debug` lines only when asked for. */
export function consoleLogger(debug = false): Logger {
  const line = (level: string) => (message: string) =>
    void process.stderr.write(`${new Date().toISOString()} ${level} broker ${message}\n`)
  return {
    debug: debug ? line('DEBUG') : () => {},
    info: line('INFO '),
    warn: line('WARN '),
    error: line('ERROR'),
  }
}
