// Parts of Node.js that only secured connections need, loaded at first use: together they cost a plain client 13 MB.

/** Modules of Node.js by name. */
export const builtins = Object.freeze({
  get crypto() {
    return process.getBuiltinModule('node:crypto')
  },
  get http() {
    return process.getBuiltinModule('node:http')
  },
  get https() {
    return process.getBuiltinModule('node:https')
  },
  get tls() {
    return process.getBuiltinModule('node:tls')
  },
})
