// The version this package reports for its plugins; a test holds it to package.json.
export const VERSION = '0.1.0'
