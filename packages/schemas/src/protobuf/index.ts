// Protobuf schemas: parsing, text forms, compatibility.
export { isMapEntry, jsonNameOf, linkProto } from './link.ts'
export * from './model.ts'
export { itemsOf, optionText, optionValue } from './options.ts'
export { readProto } from './text.ts'
export { WELL_KNOWN_PATHS, wellKnownFile } from './well-known/index.ts'
