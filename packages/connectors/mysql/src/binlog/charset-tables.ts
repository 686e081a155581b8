// Character sets that the library does not know, or knows as another of the same name: what MariaDB 10.11 makes of each of their
// bytes when it converts them to Unicode.

/** A set of one byte a character: another encoding, and where it differs. */
export interface ByteSet {
  readonly base: string
  /** Characters by byte, each run from the byte on: `[0x80, 'Čü']`. */
  readonly runs: readonly (readonly [first: number, characters: string])[]
}

/** By the names of MySQL. */
export const BYTE_SETS: Readonly<Record<string, ByteSet>> = {
  dec8: {
    base: 'iso-8859-1',
    runs: [
      [0xa8, '¤'],
      [0xd7, 'Œ'],
      [0xdd, 'Ÿ'],
      [0xf7, 'œ'],
      [0xfd, 'ÿ'],
    ],
  },
  swe7: {
    base: 'ascii',
    runs: [
      [0x40, 'É'],
      [0x5b, 'ÄÖÅÜ'],
      [0x60, 'é'],
      [0x7b, 'äöåü'],
    ],
  },
  keybcs2: {
    base: 'cp437',
    runs: [
      [0x80, 'ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘťáíóúňŇŮÔšřŕŔ¼'],
      [0xad, '§'],
    ],
  },
  geostd8: {
    base: 'win1252',
    runs: [
      [0xc0, 'აბგდევზჱთიკლმნჲოპჟრსტჳუფქღყშჩცძწჭხჴჯჰჵ'],
      [0xfd, '№'],
    ],
  },
  armscii8: {
    base: 'armscii8',
    runs: [
      [0xa1, '❁§'],
      [0xad, '՟'],
      [0xfe, "’'"],
    ],
  },
  cp866: { base: 'cp866', runs: [[0xfc, 'ⁿ²']] },
  greek: { base: 'iso-8859-7', runs: [[0xa1, 'ʽʼ']] },
  hebrew: { base: 'iso-8859-8', runs: [[0xaf, '‾']] },
  koi8u: { base: 'koi8-u', runs: [[0x95, '•']] },
  macroman: { base: 'macroman', runs: [[0xdb, '€']] },
}

const JIS: readonly (readonly [string, string])[] = [
  ['＼', '\\'],
  ['～', '〜'],
  ['∥', '‖'],
  ['－', '−'],
  ['￠', '¢'],
  ['￡', '£'],
  ['￢', '¬'],
]

// Kana, Cyrillic and numbers of the ETEN extension, which the library reads as those of HKSCS.
const BIG5_READ =
  '①②③④⑤⑥⑦⑧⑨⑩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ丶丿亅亠冂冖冫勹匸卩厶夊宀巛⼳广廴彐彡攴无疒癶辵隶¨ˆヽヾゝゞ々〆〇ー［］✽ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶАБВГДЕЁЖЗИ'
const BIG5_MEANT =
  'ヾゝゞ々ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶДЕЁЖЗИЙКЛМУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя①②③④⑤⑥⑦⑧⑨⑩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽'
const BIG5 = [...BIG5_READ].map((read, at) => [read, [...BIG5_MEANT][at] as string] as const)

/** Sets of several bytes a character: which of the library's characters stand for others. */
export const REPLACEMENTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  big5: BIG5,
  sjis: JIS,
  ujis: JIS,
  gb2312: [
    ['·', '・'],
    ['—', '―'],
  ],
}
