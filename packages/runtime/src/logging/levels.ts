// Log levels as operators of the reference name them, and how they relate to the five that code writes with.
import type { LogLevel } from '@millrace/api'

/** Levels that the REST API takes, most silent first. */
export const JAVA_LEVELS = ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'] as const
export type JavaLevel = (typeof JAVA_LEVELS)[number]

const RANK: Readonly<Record<JavaLevel, number>> = {
  OFF: 70,
  FATAL: 60,
  ERROR: 50,
  WARN: 40,
  INFO: 30,
  DEBUG: 20,
  TRACE: 10,
  ALL: 0,
}
const LINE_RANK: Readonly<Record<LogLevel, number>> = { error: 50, warn: 40, info: 30, debug: 20, trace: 10 }

/** The level of this name, whatever its case, or undefined. */
export function parseLevel(text: string): JavaLevel | undefined {
  const upper = text.trim().toUpperCase()
  return JAVA_LEVELS.find((one) => one === upper)
}

/** True when a logger at `threshold` keeps lines of `level`. */
export function keeps(threshold: JavaLevel, level: LogLevel): boolean {
  return LINE_RANK[level] >= RANK[threshold]
}
