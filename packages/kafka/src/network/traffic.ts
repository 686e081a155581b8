// Told of what the connections of one client carry: for metrics of clients that somebody watches.

/** Hears of one client's connections, each by its broker's address. Called often: must be quick, and must not throw. */
export interface TrafficListener {
  opened(address: string): void
  closed(address: string): void
  /** Only of clients that log in. */
  authenticated(address: string, isGood: boolean): void
  /** A request of so many bytes, its length included. */
  sent(address: string, bytes: number): void
  /** An answer of so many bytes, its length included, so long after its request. */
  answered(address: string, bytes: number, latencyMs: number): void
}
