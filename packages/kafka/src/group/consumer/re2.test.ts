// Which expressions may be left to the coordinator.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { toRe2 } from './re2.ts'

it('hands over what both sides read alike, and keeps the rest', () => {
  for (const same of [
    /orders/,
    /orders\..*/,
    /^orders-(eu|us)$/,
    /(?:a|b)+_[a-z0-9.-]{2,5}/,
    /[^_].*?/,
    /db\d+\.\w{3}/,
    /a.b/s,
  ]) {
    assert.equal(toRe2(same), same.source, String(same))
  }
  assert.equal(toRe2(/Orders.*/i), '(?i)Orders.*')
  for (const own of [
    /(?=a)a.*/,
    /(?!__).*/,
    /(?<!x)y/,
    /(?<name>a)\k<name>/,
    /(a)\1/,
    /\bword\b/,
    /[\w-]+/,
    /\u0061/,
    /\p{L}+/u,
    /a{1001}/,
    /^a/m,
    /a\sb/,
  ]) {
    assert.equal(toRe2(own), undefined, String(own))
  }
})
