// The version of this package, as the plugins report it.
export const VERSION = '0.1.0'
