// Numbers on the command line: checked before anything starts.
import { ConfigException } from '@millrace/api'

/** A port of an option; 0 takes any free one. @throws ConfigException */
export function port(option: string, text: string): number {
  return checked(
    option,
    text,
    (number) => Number.isInteger(number) && number >= 0 && number <= 65_535,
    'a port is a number from 0 to 65535; 0 takes any free one',
  )
}

/** A count of an option. @throws ConfigException */
export function positive(option: string, text: string): number {
  return checked(option, text, (number) => Number.isSafeInteger(number) && number > 0, 'a whole number above 0')
}

/** A time of an option, given in seconds, in milliseconds. @throws ConfigException */
export function seconds(option: string, text: string): number {
  return (
    1000 * checked(option, text, (number) => number > 0 && number <= 2_000_000, 'seconds, above 0 and at most 2000000')
  )
}

function checked(option: string, text: string, fits: (number: number) => boolean, rule: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (fits(number)) return number
  throw new ConfigException(`Invalid value ${text} for ${option}: ${rule}`)
}
