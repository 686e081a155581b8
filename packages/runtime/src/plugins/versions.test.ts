// Versions compare and ranges hold as Maven's own classes say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareVersions, versionFits } from './versions.ts'

/** Each row: a version, and Maven 3.9's answer for it against every version of the column, in order. */
const MAVEN = `
1 ===<<<<<>>>>>>>>>>===<<<<<<<<<<><
1.0 ===<<<<<>>>>>>>>>>===<<<<<<<<<<><
1.0.0 ===<<<<<>>>>>>>>>>===<<<<<<<<<<><
1.0.1 >>>=<<<<>>>>>>>>>>>>>>>>>>><<<<>>
1.1 >>>>=<<<>>>>>>>>>>>>>>>>>>><<<<>>
1.10 >>>>>=><>>>>>>>>>>>>>>>>>>><<<<>>
1.2 >>>>><=<>>>>>>>>>>>>>>>>>>><<<<>>
2.0 >>>>>>>=>>>>>>>>>>>>>>>>>>><<<<>>
1.0-alpha-1 <<<<<<<<=<=<<<<<<<<<<<<<<<<<<<<><
1.0-alpha-2 <<<<<<<<>=><<<<<<<<<<<<<<<<<<<<><
1.0-a1 <<<<<<<<=<=<<<<<<<<<<<<<<<<<<<<><
1.0-beta <<<<<<<<>>>=<<<<<<<<<<<<<<<<<<<><
1.0-b2 <<<<<<<<>>>>=<<<<<<<<<<<<<<<<<<><
1.0-rc1 <<<<<<<<>>>>>=<>><<<<<<<<<<<<<<><
1.0-cr2 <<<<<<<<>>>>>>=>><<<<<<<<<<<<<<><
1.0-milestone-1 <<<<<<<<>>>>><<=<<<<<<<<<<<<<<<><
1.0-m3 <<<<<<<<>>>>><<>=<<<<<<<<<<<<<<><
1.0-SNAPSHOT <<<<<<<<>>>>>>>>>=<<<<<<<<<<<<<><
1.0-ga ===<<<<<>>>>>>>>>>===<<<<<<<<<<><
1.0-final ===<<<<<>>>>>>>>>>===<<<<<<<<<<><
1.0.Final ===<<<<<>>>>>>>>>>===<<<<<<<<<<><
1.0-sp1 >>><<<<<>>>>>>>>>>>>>=<<<<<<<<<><
1.0-foo >>><<<<<>>>>>>>>>>>>>>=<<<<<<<<>>
1.0-1 >>><<<<<>>>>>>>>>>>>>>>=<<><<<<>>
1.0.1-rc.1 >>><<<<<>>>>>>>>>>>>>>>>=>><<<<>>
1.0.1-beta.2 >>><<<<<>>>>>>>>>>>>>>>><=><<<<>>
1.0.0-next.3 >>><<<<<>>>>>>>>>>>>>>><<<=<<<<>>
7.6.0-ce >>>>>>>>>>>>>>>>>>>>>>>>>>>=><>>>
7.6.0-ccs >>>>>>>>>>>>>>>>>>>>>>>>>>><=<>>>
7.6.1-ce >>>>>>>>>>>>>>>>>>>>>>>>>>>>>=>>>
3.2.1.Final >>>>>>>>>>>>>>>>>>>>>>>>>>><<<=>>
0.1.0 <<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<=<
1.0+build >>><<<<<>>>>>>>>>>>>>><<<<<<<<<>=
`

test('all pairs of versions compare as in Maven', () => {
  const rows = MAVEN.trim()
    .split('\n')
    .map((row) => row.split(' ') as [string, string])
  for (const [left, answers] of rows) {
    const ours = rows.map(([right]) => {
      const order = compareVersions(left, right)
      return order < 0 ? '<' : order > 0 ? '>' : '='
    })
    assert.equal(ours.join(''), answers, left)
  }
})

test('ranges', () => {
  const fits = (wanted: string) => ['1.0', '1.5', '2.0', '3.0'].map((version) => versionFits(wanted, version))
  assert.deepEqual(fits('latest'), [true, true, true, true])
  assert.deepEqual(fits('1.0'), [true, false, false, false])
  assert.deepEqual(fits('[1.5]'), [false, true, false, false])
  assert.deepEqual(fits('[1.0,2.0)'), [true, true, false, false])
  assert.deepEqual(fits('(1.0,]'), [false, true, true, true])
  assert.deepEqual(fits('(,1.0],[3.0,)'), [true, false, false, true])
  for (const bad of ['[1.0', '1.0,2.0', '(1.0)', '[2.0,1.0]', '[1,2,3]', '[]'])
    assert.equal(versionFits(bad, '1.0'), undefined, bad)
})
