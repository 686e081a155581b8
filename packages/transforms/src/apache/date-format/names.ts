// Names of months, days and halves of the day, in English: the locale that the reference runs with where none is set.

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
export const HALVES = ['AM', 'PM'] as const
export const ERAS = ['BC', 'AD'] as const
/** Hours of zones by the short names that dates are written with. */
export const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
}

export const short = (name: string): string => name.slice(0, 3)
